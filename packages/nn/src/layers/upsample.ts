import type * as tf from '@tensorflow/tfjs';

/** Each position becomes 2 × 2 equal ones: [N, h, w, C] -> [N, 2h, 2w, C]. */
export function upsample2x(x: tf.Tensor4D): tf.Tensor4D {
  const [N, h, w, C] = x.shape;
  return x.reshape([N * h, 1, w, 1, C]).tile([1, 2, 1, 2, 1]).reshape([N, 2 * h, 2 * w, C]);
}
