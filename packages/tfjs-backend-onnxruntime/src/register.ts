import * as tf from '@tensorflow/tfjs';
import { BACKEND_NAME, OnnxRuntimeBackend } from './backend/backend.js';
import { registerGradients } from './gradients/all.js';
import { registerFallbacks } from './kernels/fallback.js';
import { registerKernels } from './kernels/all.js';

/** In a plain `npm install` nothing is faster, but the choice is the caller's: never the default. */
const PRIORITY = 0;

/** Makes the backend known to TensorFlow.js; importing the package does it. */
export function registerBackend(): void {
  if (tf.engine().registryFactory[BACKEND_NAME] !== undefined) return;
  tf.registerBackend(BACKEND_NAME, () => new OnnxRuntimeBackend(), PRIORITY);
  registerKernels();
  registerFallbacks();
  registerGradients();
}
