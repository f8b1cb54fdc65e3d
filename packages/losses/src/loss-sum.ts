import type * as tf from '@tensorflow/tfjs';

/**
 * A loss before it is a mean: the weighted sum and the weight it is divided by in the end. Kept
 * apart, so that micro-batches and documents add up to exactly what one batch would give.
 */
export type LossSum = {
  readonly sum: tf.Scalar;
  readonly count: tf.Scalar;
};
