import { registerGradientCorrections } from './corrections.js';
import { registerDilatedConvolutionGradients } from './dilated-convolution.js';
import { registerGatherScatterGradients } from './gather-scatter.js';
import { registerRearrangementGradients } from './rearrangement.js';
import { registerProductGradients } from './products.js';

/**
 * Mends and completes the gradients of TensorFlow.js. The registry is shared by all backends: these
 * hold for them too, and are made of operations that they have.
 */
export function registerGradients(): void {
  registerGradientCorrections();
  registerDilatedConvolutionGradients();
  registerGatherScatterGradients();
  registerRearrangementGradients();
  registerProductGradients();
}
