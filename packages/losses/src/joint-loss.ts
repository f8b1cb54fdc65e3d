import * as tf from '@tensorflow/tfjs';
import type { LossSum } from './loss-sum.js';

/** A part of a joint loss: what was summed, what to divide it by, and how much the mean counts. */
export interface LossPart {
  readonly sum: tf.Scalar;
  /** The weight of all micro-batches of the step together; 0 if the part does not occur. */
  readonly count: tf.Scalar;
  /** λ. */
  readonly weight: number;
}

/**
 * Σ λ · sum / count over the parts: L_LM + λ · L_diffusion (Transfusion, equation 4). A part with
 * count 0 adds 0.
 */
export function jointLoss(parts: readonly LossPart[]): tf.Scalar {
  return tf.addN(parts.map(({ sum, count, weight }) => meanOf({ sum, count }).mul(weight))) as tf.Scalar;
}

/** sum / count, or 0 if the count is 0. */
export function meanOf({ sum, count }: LossSum): tf.Scalar {
  return tf.div(sum, tf.maximum(count, 1e-12)) as tf.Scalar;
}
