/**
 * The adapter: patches of a noisy latent become hidden vectors by one linear layer, and the transformer's hidden vectors
 * become the denoised latent by another. In shapes, N is the number of spans, P that of positions in a span, D the model's
 * width.
 */
import type { LatentAdapter } from '@transfusion/modality';
import {
  initLinear,
  initTimestepEmbedding,
  linear,
  normal,
  timestepEmbedding,
  type LinearParams,
  type TimestepEmbeddingParams,
} from '@transfusion/nn';
import type * as tf from '@transfusion/tfjs';

/** Sizes of {@link linearAdapter}. */
export interface LinearAdapterOptions {
  readonly modelDim: number;
  /** Elements of a latent. */
  readonly length: number;
  /** Elements of a position. */
  readonly patchSize: number;
}

type AdapterParams = {
  readonly timestep: TimestepEmbeddingParams;
  readonly positions: tf.Tensor; // [P, D]
  readonly in: LinearParams;
  readonly out: LinearParams;
};

/** Standard deviation of initial weights: hidden vectors are small at first, as embeddings of tokens are. */
const STDDEV = 0.02;

/** Creates the adapter of latents of the shape [length]. */
export function linearAdapter({ modelDim, length, patchSize }: LinearAdapterOptions): LatentAdapter {
  const numPositions = length / patchSize;
  return {
    init: (rng): AdapterParams => ({
      timestep: initTimestepEmbedding(rng.fork('timestep'), modelDim),
      positions: normal(rng.fork('positions'), [numPositions, modelDim], STDDEV),
      in: initLinear(rng.fork('in'), patchSize, modelDim, { stddev: STDDEV, bias: true }),
      out: initLinear(rng.fork('out'), modelDim, patchSize, { bias: true }),
    }),
    embed: (params, noisyLatents, timesteps) => {
      const { timestep, positions, in: inward } = params as AdapterParams;
      const patches = noisyLatents.reshape([-1, numPositions, patchSize]); // [N, P, patchSize]
      const time = timestepEmbedding(timestep, timesteps).reshape([-1, 1, modelDim]);
      const hidden = linear(inward, patches).add(positions).add(time) as tf.Tensor3D; // [N, P, D]
      return { hidden, skips: [] };
    },
    project: (params, hidden) => linear((params as AdapterParams).out, hidden).reshape([-1, length]),
    flops: () => 2 * 2 * length * modelDim,
  };
}
