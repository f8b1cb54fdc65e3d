import * as tf from '@tensorflow/tfjs';
import type { LossSum } from './loss-sum.js';

/**
 * Cross-entropy of the expected tokens, in nats.
 *
 * @param logits [T, V]
 * @param targets int32 [T]; anything where the weight is 0
 * @param weights float32 [T]: how much each position counts; 0 leaves it out
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D, weights: tf.Tensor1D): LossSum {
  const [, V] = logits.shape;
  const expected = tf.oneHot(targets, V);
  const nats = tf.logSoftmax(logits).mul(expected).sum(-1).neg(); // [T]
  return { sum: nats.mul(weights).sum() as tf.Scalar, count: weights.sum() as tf.Scalar };
}
