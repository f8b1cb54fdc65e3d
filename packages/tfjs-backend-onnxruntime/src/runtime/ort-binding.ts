/** Opens native sessions; loads ONNX Runtime with the first one. */
import { createRequire } from 'node:module';
import { loadBinding } from './load-binding.js';
import type { NativeBinding, NativeSession, OrtSessionOptions } from './native-binding.js';

let native: NativeBinding | undefined;

/**
 * Loads ONNX Runtime's native library now rather than at the first computation.
 *
 * @throws TransfusionError `engine-missing` if it is not installed, or does not load on this machine
 */
export function loadOnnxRuntime(): void {
  nativeBinding();
}

/** Loads a serialized model, or the ONNX file of a path. Native errors are rethrown unchanged. */
export function createNativeSession(model: Uint8Array | string, options: OrtSessionOptions): NativeSession {
  const session = new (nativeBinding().InferenceSession)();
  if (typeof model === 'string') session.loadModel(model, options);
  else session.loadModel(model.buffer, model.byteOffset, model.byteLength, options);
  return session;
}

function nativeBinding(): NativeBinding {
  native ??= loadBinding({
    require: createRequire(import.meta.url),
    platform: `${process.platform}-${process.arch}`,
  });
  return native;
}
