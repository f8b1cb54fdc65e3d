import type * as tf from '@transfusion/tfjs';
import { flattenParams, mapParams, type Params } from '../params.js';

/** Updates the exponential moving average of parameters: average · decay + params · (1 - decay). */
export function updateEma<P extends Params>(average: P, params: P, decay: tf.Scalar): P {
  const current = flattenParams(params);
  return mapParams(average, (mean, path) => current[path].add(mean.sub(current[path]).mul(decay)));
}

/**
 * Returns the EMA decay at a step (from 0): `decay`, but at most (1 + step) / (10 + step), so that the
 * initial values do not dominate the average, as in TensorFlow's `ExponentialMovingAverage`.
 */
export function emaDecayAt(step: number, decay: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}
