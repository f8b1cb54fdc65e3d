import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type { Rng } from '../rng.js';
import { initLinear, linear, type LinearParams } from './linear.js';
import { silu } from './swiglu.js';

/** Parameters of {@link timestepEmbedding}: a two-layer perceptron over sinusoids. */
export type TimestepEmbeddingParams = {
  readonly in: LinearParams;
  readonly out: LinearParams;
};

/**
 * Computes sinusoids of timesteps (Vaswani et al. 2017, section 3.5; Ho et al. 2020, appendix B): [N] ->
 * [N, dim], cosines first, with wavelengths from 2π to nearly 2π · `maxPeriod`.
 *
 * @throws TransfusionError `invalid-argument` if `dim` is odd
 */
export function sinusoidalEmbedding(timesteps: tf.Tensor, dim: number, maxPeriod = 10_000): tf.Tensor {
  const half = dim / 2;
  if (!Number.isInteger(half) || half < 1) {
    throw new TransfusionError(
      'invalid-argument',
      `sinusoidalEmbedding: dim is ${dim}, expected an even number: half cosines, half sines.`,
    );
  }
  const frequencies = Float32Array.from({ length: half }, (_, i) => maxPeriod ** (-i / half));
  const angles = timesteps.reshape([-1, 1]).mul(tf.tensor2d(frequencies, [1, half]));
  return tf.concat([tf.cos(angles), tf.sin(angles)], 1);
}

/** Initializes {@link timestepEmbedding}: normal weights, zero biases. */
export function initTimestepEmbedding(
  rng: Rng,
  outDim: number,
  { frequencyDim = 256, stddev = 0.02 }: { frequencyDim?: number; stddev?: number } = {},
): TimestepEmbeddingParams {
  return {
    in: initLinear(rng.fork('in'), frequencyDim, outDim, { stddev, bias: true }),
    out: initLinear(rng.fork('out'), outDim, outDim, { stddev, bias: true }),
  };
}

/** Computes out(silu(in(sinusoids))): timesteps [N] (0 to 1000) -> [N, outDim]. */
export function timestepEmbedding(params: TimestepEmbeddingParams, timesteps: tf.Tensor): tf.Tensor {
  const frequencyDim = params.in.weight.shape[0];
  return linear(params.out, silu(linear(params.in, sinusoidalEmbedding(timesteps, frequencyDim))));
}
