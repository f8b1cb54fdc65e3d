import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { ones, zeros } from '../initializers.js';
import type { SaveTensors } from './custom-gradient.js';

/** Parameters of {@link rmsNorm}: the gain `weight` [dim]. */
export type RmsNormParams = {
  readonly weight: tf.Tensor;
};

/** Parameters of {@link layerNorm} and {@link groupNorm}: `weight` and `bias`, both [dim]. */
export type LayerNormParams = {
  readonly weight: tf.Tensor;
  readonly bias: tf.Tensor;
};

/** Initializes {@link rmsNorm} with a gain of 1. */
export function initRmsNorm(dim: number): RmsNormParams {
  return { weight: ones([dim]) };
}

/** Initializes {@link layerNorm} or {@link groupNorm} with a gain of 1 and a bias of 0. */
export function initLayerNorm(dim: number): LayerNormParams {
  return { weight: ones([dim]), bias: zeros([dim]) };
}

/**
 * Computes x / √(mean(x²) + epsilon) · weight over the last axis (Zhang & Sennrich 2019). First derivatives
 * only.
 */
export function rmsNorm({ weight }: RmsNormParams, x: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  return rmsNormOf(epsilon)(x, weight);
}

/** Creates an RMS norm whose gradient takes few passes over memory: norms are memory-bound. */
function rmsNormOf(epsilon: number): (x: tf.Tensor, weight: tf.Tensor) => tf.Tensor {
  return tf.customGrad((x, weight, save) => {
    const input = x as tf.Tensor;
    const gain = weight as tf.Tensor;
    const scale = tf.rsqrt(input.square().mean(-1, true).add(epsilon));
    const normalized = input.mul(scale);
    (save as SaveTensors)([normalized, scale, gain]);
    const gradFunc = (dy: tf.Tensor, [n, r, w]: tf.Tensor[]): tf.Tensor[] => {
      const dim = w.size;
      const product = dy.mul(n);
      const along = tf.matMul(product.reshape([-1, dim]), w.reshape([dim, 1]).div(dim)).reshape(r.shape);
      const dx = dy.mul(w).sub(n.mul(along)).mul(r);
      return [dx, product.reshape([-1, dim]).sum(0)];
    };
    return { value: normalized.mul(gain), gradFunc };
  });
}

/**
 * Computes (x - mean) / √(variance + epsilon) · weight + bias over the last axis (Ba, Kiros & Hinton 2016).
 */
export function layerNorm({ weight, bias }: LayerNormParams, x: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  const centered = x.sub(x.mean(-1, true));
  const scale = tf.rsqrt(centered.square().mean(-1, true).add(epsilon));
  return centered.mul(scale).mul(weight).add(bias);
}

/**
 * Normalizes x [N, h, w, C] over all positions and each of `numGroups` equal groups of adjacent channels (Wu
 * & He 2018). First derivatives only.
 *
 * @throws TransfusionError `invalid-argument` if `numGroups` does not divide the channels
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
      `groupNorm: numGroups is ${numGroups}, expected a divisor of the number of channels (${C}).`,
    );
  }
  return groupNormOf(numGroups, epsilon)(x.reshape([N, h * w, C]), weight, bias).reshape([N, h, w, C]);
}

/**
 * Creates a group norm of x [N, P, C]. Statistics are expanded to one per channel, [N, 1, C]: broadcasting
 * group statistics over a few channels at a time takes several times as long as the arithmetic.
 */
function groupNormOf(
  numGroups: number,
  epsilon: number,
): (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => tf.Tensor {
  return tf.customGrad((x, weight, bias, save) => {
    const [N, P, C] = (x as tf.Tensor).shape;
    const groups = [N, 1, numGroups, C / numGroups];
    /** Averages means of channels over their group, at each channel. */
    const ofGroups = (means: tf.Tensor): tf.Tensor =>
      means.reshape(groups).mean(3, true).broadcastTo(groups).reshape([N, 1, C]);
    const centered = (x as tf.Tensor).sub(ofGroups(meanOfPositions(x as tf.Tensor)));
    const scale = tf.rsqrt(ofGroups(meanOfPositions(centered.square())).add(epsilon));
    (save as SaveTensors)([centered, scale, weight as tf.Tensor]);
    const gradFunc = (dy: tf.Tensor, [c, r, w]: tf.Tensor[]): tf.Tensor[] => {
      const [sums, products] = [dy.sum(1, true), dy.mul(c).sum(1, true).mul(r)];
      const shift = ofGroups(sums.mul(w)).div(P).mul(r);
      const along = ofGroups(products.mul(w)).div(P).mul(r.square());
      const dx = dy.mul(r.mul(w)).sub(c.mul(along)).sub(shift);
      return [dx, products.sum([0, 1]), sums.sum([0, 1])];
    };
    return { value: centered.mul(scale.mul(weight as tf.Tensor)).add(bias as tf.Tensor), gradFunc };
  });
}

/**
 * Averages x [N, P, C] over its positions: [N, 1, C]. As a product, which rounds alike for any N; ONNX Runtime
 * reduces one image in another order than several.
 */
function meanOfPositions(x: tf.Tensor): tf.Tensor {
  const P = x.shape[1]!;
  return tf.matMul(tf.fill([1, 1, P], 1 / P), x);
}
