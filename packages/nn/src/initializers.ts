/** Initial values of parameters, sampled from a seeded {@link Rng}. */
import * as tf from '@transfusion/tfjs';
import type { Rng } from './rng.js';
import { zeroRng } from './zero-rng.js';

/** Samples a normal distribution of mean 0 and standard deviation `stddev`. */
export function normal(rng: Rng, shape: readonly number[], stddev: number): tf.Tensor {
  if (rng === zeroRng) return zeros(shape);
  const size = shape.reduce((product, length) => product * length, 1);
  const values = rng.normals(size).map((value) => value * stddev);
  return tf.tensor(values, [...shape], 'float32');
}

/** Creates a tensor of zeros, such as for biases. */
export function zeros(shape: readonly number[]): tf.Tensor {
  return tf.zeros([...shape]);
}

/** Creates a tensor of ones, such as for the gains of norms. */
export function ones(shape: readonly number[]): tf.Tensor {
  return tf.ones([...shape]);
}
