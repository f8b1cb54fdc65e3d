import * as tf from '@transfusion/tfjs';

/**
 * Runs `body` under a backend and restores the previous one. Both backends of the tests start
 * synchronously, so there is nothing to wait for.
 */
export function onBackend<T>(name: 'cpu' | 'onnxruntime', body: () => T): T {
  const before: string | undefined = tf.getBackend(); // none before the first use
  if (before === name) return body();
  void tf.setBackend(name);
  try {
    return body();
  } finally {
    if (before !== undefined) void tf.setBackend(before);
  }
}
