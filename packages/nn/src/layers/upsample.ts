import type * as tf from '@transfusion/tfjs';

/** Repeats each position 2 × 2 times (nearest neighbor): [N, h, w, C] -> [N, 2h, 2w, C]. */
export function upsample2x(x: tf.Tensor4D): tf.Tensor4D {
  const [N, h, w, C] = x.shape;
  // TensorFlow.js differentiates `tile` for at most four axes; tiling C of [w, C] repeats each column.
  const tiled = x.reshape([N * h, 1, w, C]).tile([1, 2, 1, 2]); // [N · h, 2, w, 2 · C]
  return tiled.reshape([N, 2 * h, 2 * w, C]);
}
