import { registerBinaryKernels } from './binary.js';
import { registerConvolutionKernels } from './convolution.js';
import { registerCreationKernels } from './creation.js';
import { registerDepthwiseConvolutionKernels } from './depthwise-convolution.js';
import { registerImageKernels } from './image.js';
import { registerIndexingKernels } from './indexing.js';
import { registerLayoutKernels } from './layout.js';
import { registerLinearKernels } from './linear.js';
import { registerMorphologyKernels } from './morphology.js';
import { registerNormalizationKernels } from './normalization.js';
import { registerPoolingKernels } from './pooling.js';
import { registerReductionKernels } from './reduction.js';
import { registerResizeKernels } from './resize.js';
import { registerUnaryKernels } from './unary.js';

/** Registers every graph kernel; see `fallback.ts` for the others. */
export function registerKernels(): void {
  registerUnaryKernels();
  registerBinaryKernels();
  registerReductionKernels();
  registerLayoutKernels();
  registerIndexingKernels();
  registerLinearKernels();
  registerConvolutionKernels();
  registerDepthwiseConvolutionKernels();
  registerPoolingKernels();
  registerNormalizationKernels();
  registerResizeKernels();
  registerImageKernels();
  registerMorphologyKernels();
  registerCreationKernels();
}
