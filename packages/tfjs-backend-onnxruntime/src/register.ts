import * as tf from '@transfusion/tfjs';
import { BACKEND_NAME, OnnxRuntimeBackend } from './backend/backend.js';
import { registerGradients } from './gradients/all.js';
import { registerFallbacks } from './kernels/fallback.js';
import { registerKernels } from './kernels/all.js';

/** Priority of the backend: fastest in a plain `npm install`, but never the default; callers opt in. */
const PRIORITY = 0;

/** Registers the backend with TensorFlow.js; called when the package is imported. */
export function registerBackend(): void {
  if (tf.engine().registryFactory[BACKEND_NAME] !== undefined) return;
  tf.registerBackend(BACKEND_NAME, () => new OnnxRuntimeBackend(), PRIORITY);
  registerKernels();
  registerFallbacks();
  registerGradients();
  silenceAdvice();
}

/**
 * Keeps TensorFlow.js's `cpu` backend from advising, at its first tensor, to install another backend for Node:
 * it runs fallbacks here, and whatever is computed before `tf.setBackend`.
 */
function silenceAdvice(): void {
  const { registry, registryFactory } = tf.engine();
  const silence = (backend: tf.KernelBackend): tf.KernelBackend =>
    Object.assign(backend, { firstUse: false });
  if ('cpu' in registry) silence(registry['cpu']);
  if (!('cpu' in registryFactory)) return;
  const entry = registryFactory['cpu'];
  const { factory } = entry;
  entry.factory = () => {
    const backend = factory();
    return backend instanceof Promise ? backend.then(silence) : silence(backend);
  };
}
