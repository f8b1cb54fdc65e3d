/**
 * Loads `@tensorflow/tfjs` if it is installed. It registers its gradients when it is loaded; were that after
 * `@transfusion/tfjs-backend-onnxruntime`, it would replace those that this package corrects.
 */
const { createRequire } = process.getBuiltinModule('node:module');

try {
  createRequire(import.meta.url)('@tensorflow/tfjs');
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
}
