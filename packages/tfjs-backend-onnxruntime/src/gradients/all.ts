import { registerBatchNormDefaults } from './batch-norm-defaults.js';
import { registerComparisonGradients } from './comparisons.js';
import { registerGradientCorrections } from './corrections.js';
import { registerDilatedConvolutionGradients } from './dilated-convolution.js';
import { registerGatherScatterGradients } from './gather-scatter.js';
import { registerRearrangementGradients } from './rearrangement.js';
import { registerFusedGradients } from './fused.js';
import { registerMatrixProductGradient } from './matrix-product.js';
import { registerProductGradients } from './products.js';

/**
 * Corrects and completes the gradients of TensorFlow.js. The registry is shared by all backends: these
 * gradients apply to them too, and consist of operations that they have.
 */
export function registerGradients(): void {
  registerGradientCorrections();
  registerComparisonGradients();
  registerDilatedConvolutionGradients();
  registerGatherScatterGradients();
  registerRearrangementGradients();
  registerProductGradients();
  registerMatrixProductGradient();
  registerBatchNormDefaults();
  registerFusedGradients();
}
