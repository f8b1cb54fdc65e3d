import * as tf from '@tensorflow/tfjs';
import { TransfusionError } from '../errors.js';
import { ones, zeros } from '../initializers.js';

/** `weight` [dim]: the gain. */
export type RmsNormParams = {
  readonly weight: tf.Tensor;
};

/** `weight` and `bias`, both [dim]. */
export type LayerNormParams = {
  readonly weight: tf.Tensor;
  readonly bias: tf.Tensor;
};

/** Parameters of {@link rmsNorm}: gain 1. */
export function initRmsNorm(dim: number): RmsNormParams {
  return { weight: ones([dim]) };
}

/** Parameters of {@link layerNorm} and {@link groupNorm}: gain 1, bias 0. */
export function initLayerNorm(dim: number): LayerNormParams {
  return { weight: ones([dim]), bias: zeros([dim]) };
}

/** x / √(mean(x²) + epsilon) · weight over the last axis (Zhang & Sennrich 2019). */
export function rmsNorm({ weight }: RmsNormParams, x: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  const scale = tf.rsqrt(x.square().mean(-1, true).add(epsilon));
  return x.mul(scale).mul(weight);
}

/** (x - mean) / √(variance + epsilon) · weight + bias over the last axis (Ba, Kiros & Hinton 2016). */
export function layerNorm({ weight, bias }: LayerNormParams, x: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  const centred = x.sub(x.mean(-1, true));
  const scale = tf.rsqrt(centred.square().mean(-1, true).add(epsilon));
  return centred.mul(scale).mul(weight).add(bias);
}

/**
 * Normalises groups of neighbouring channels over all positions (Wu & He 2018): x [N, h, w, C], the
 * channels in `numGroups` equal parts.
 *
 * @throws TransfusionError `invalid-argument` if `numGroups` does not divide the channels.
 */
export function groupNorm(
  { weight, bias }: LayerNormParams,
  x: tf.Tensor4D,
  numGroups: number,
  epsilon = 1e-5,
): tf.Tensor4D {
  const [N, h, w, C] = x.shape;
  if (!Number.isInteger(C / numGroups)) {
    throw new TransfusionError(
      'invalid-argument',
      `groupNorm: ${C} channels do not divide into ${numGroups} groups. Choose a divisor of ${C}.`,
    );
  }
  const groups = x.reshape([N, h * w, numGroups, C / numGroups]);
  const centred = groups.sub(groups.mean([1, 3], true));
  const scale = tf.rsqrt(centred.square().mean([1, 3], true).add(epsilon));
  return centred.mul(scale).reshape([N, h, w, C]).mul(weight).add(bias) as tf.Tensor4D;
}
