import type * as tf from '@tensorflow/tfjs';
import type { LossSum } from './loss-sum.js';

/**
 * Squared error of what a diffusion model predicts (Ho et al. 2020, equation 14), summed over the
 * elements of each span's latent. The count is the number of elements, so that the quotient is a mean
 * over latent elements; weights change how much an error counts, not what it is divided by.
 *
 * @param prediction [N, ...L]
 * @param target [N, ...L]
 * @param weights [N]: how much each span's error counts; 0 for places that hold no span
 */
export function diffusionLoss(prediction: tf.Tensor, target: tf.Tensor, weights: tf.Tensor1D): LossSum {
  const N = weights.shape[0];
  const elements = prediction.size / N;
  const errors = prediction.sub(target).square().reshape([N, elements]).sum(1); // [N]
  const present = weights.notEqual(0).toFloat();
  return {
    sum: errors.mul(weights).sum() as tf.Scalar,
    count: present.sum().mul(elements) as tf.Scalar,
  };
}
