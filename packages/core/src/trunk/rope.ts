/** Rotary position embedding (Su et al. 2021) in the rotate-half layout of Llama's Hugging Face weights. */
import * as tf from '@transfusion/tfjs';

/** Cosines and sines of each position's angles: [B, 1, S, E/2] each. */
export interface Rotations {
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
}

/** Computes the rotations of positions [B, S] for heads of width E. */
export function rotations(positions: tf.Tensor2D, headDim: number, theta: number): Rotations {
  const [B, S] = positions.shape;
  const half = headDim / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => theta ** (-i / half));
  const angles = positions
    .toFloat()
    .reshape([B, 1, S, 1])
    .mul(tf.tensor(frequencies, [1, 1, 1, half]));
  return { cos: tf.cos(angles), sin: tf.sin(angles) };
}

/** Rotates the pair (i, i + E/2) of each vector by its position's angle: [B, H, S, E] -> [B, H, S, E]. */
export function rotate(x: tf.Tensor, { cos, sin }: Rotations): tf.Tensor {
  const [a, b] = tf.split(x, 2, -1);
  return tf.concat([a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))], -1);
}
