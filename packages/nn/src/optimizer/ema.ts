import type * as tf from '@tensorflow/tfjs';
import { flattenParams, mapParams, type Params } from '../params.js';

/** Moves the EMA of the parameters: average · decay + params · (1 - decay). */
export function updateEma<P extends Params>(average: P, params: P, decay: tf.Scalar): P {
  const current = flattenParams(params);
  return mapParams(average, (mean, path) => current[path].add(mean.sub(current[path]).mul(decay)));
}

/**
 * The decay to use at a step (from 0): `decay`, but at first so much less that the mean is not
 * dominated by the starting values: (1 + step) / (10 + step), as in TensorFlow's
 * `ExponentialMovingAverage`.
 */
export function emaDecayAt(step: number, decay: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}
