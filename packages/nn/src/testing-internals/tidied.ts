import * as tf from '@transfusion/tfjs';

/** `tf.tidy` for any tree: its own type allows no read-only arrays. */
export function tidied<T>(fn: () => T): T {
  return tf.tidy(fn as () => tf.TensorContainer) as T;
}
