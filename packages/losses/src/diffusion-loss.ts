import type * as tf from '@tensorflow/tfjs';
import type { LossSum } from './loss-sum.js';

/**
 * Squared error of what a diffusion model predicts (Ho et al. 2020, equation 14), summed over the
 * elements of each span's latent; the count is the number of elements, so that the quotient is a mean
 * over latent elements.
 *
 * @param prediction [N, ...L]
 * @param target [N, ...L]
 * @param weights [N]: how much each span's error counts (0 for places that hold no span)
 * @param present [N]: 1 where there is a span, 0 where there is none
 */
export function diffusionLoss(
  prediction: tf.Tensor,
  target: tf.Tensor,
  weights: tf.Tensor1D,
  present: tf.Tensor1D = weights,
): LossSum {
  const N = prediction.shape[0];
  const elements = prediction.size / N;
  const errors = prediction.sub(target).square().reshape([N, elements]).sum(1); // [N]
  return {
    sum: errors.mul(weights).sum() as tf.Scalar,
    count: present.sum().mul(elements) as tf.Scalar,
  };
}
