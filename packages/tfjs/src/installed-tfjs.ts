/**
 * Loads `@tensorflow/tfjs` if it is installed. It registers its gradients when it is loaded; were that after
 * `@transfusion/tfjs-backend-onnxruntime`, it would replace those that this package corrects.
 */
const { createRequire } = process.getBuiltinModule('node:module');

const require = createRequire(import.meta.url);
if (isInstalled('@tensorflow/tfjs')) require('@tensorflow/tfjs');

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
