/** Starting values for parameters, drawn from a seeded {@link Rng}. */
import * as tf from '@tensorflow/tfjs';
import type { Rng } from './rng.js';

/** Normal with mean 0 and the given standard deviation. */
export function normal(rng: Rng, shape: readonly number[], stddev: number): tf.Tensor {
  return fill(rng, shape, (values) => values.map((value) => value * stddev));
}

/**
 * Normal with mean 0, drawn again beyond two standard deviations; `stddev` is that of the normal
 * distribution before it is cut.
 */
export function truncatedNormal(rng: Rng, shape: readonly number[], stddev: number): tf.Tensor {
  return fill(rng, shape, (values) =>
    values.map((value) => {
      let drawn = value;
      while (Math.abs(drawn) > 2) drawn = rng.normals(1)[0];
      return drawn * stddev;
    }),
  );
}

/** Normal with standard deviation 1/√fanIn, which keeps the variance of a linear layer's input (LeCun et al. 1998). */
export function lecunNormal(rng: Rng, shape: readonly number[], fanIn: number): tf.Tensor {
  return normal(rng, shape, 1 / Math.sqrt(fanIn));
}

/** All zeros: residual branches that start as nothing. */
export function zeros(shape: readonly number[]): tf.Tensor {
  return tf.zeros([...shape]);
}

/** All ones: the gains of norms. */
export function ones(shape: readonly number[]): tf.Tensor {
  return tf.ones([...shape]);
}

function fill(rng: Rng, shape: readonly number[], scale: (values: Float32Array) => Float32Array): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(scale(rng.normals(size)), [...shape], 'float32');
}
