/**
 * The paper's linear patch adapter (Transfusion, section 3.1): a patch is a vector, to which the
 * timestep's embedding is added before a linear layer; another linear layer leads back.
 */
import type * as tf from '@tensorflow/tfjs';
import type { LatentAdapter, Shape } from '@transfusion/modality';
import {
  initLinear,
  initTimestepEmbedding,
  linear as linearLayer,
  timestepEmbedding,
  type LinearParams,
  type TimestepEmbeddingParams,
} from '@transfusion/nn';
import type { AdapterFactory, AdapterShape } from './adapter.js';
import { gridEmbedding, initGridEmbedding, type GridEmbeddingParams } from './grid-embedding.js';
import { patchify, unpatchify } from './patches.js';

/** Number of a timestep's sinusoids. */
const FREQUENCY_DIM = 256;

type LinearAdapterParams = {
  readonly timestep: TimestepEmbeddingParams;
  readonly in: LinearParams;
  readonly out: LinearParams;
  readonly grid?: GridEmbeddingParams;
};

/**
 * Standard deviation of the initial weights of layers into the transformer, as of the embeddings of tokens. Its layers
 * add small vectors to their input at first; beside vectors of size 1 those hardly count, and learning begins late.
 */
export const INWARD_STDDEV = 0.02;

/** Returns the linear adapter for `image({ adapter: linear() })`. */
export function linear(): AdapterFactory {
  return Object.assign((modelDim: number, shape: AdapterShape) => linearAdapter(modelDim, shape), {
    config: { type: 'linear' },
  });
}

/** Makes the adapter for a transformer of the given width. */
export function linearAdapter(
  modelDim: number,
  { patchSize: k, latentChannels: C, positionEmbedding = 'none' }: AdapterShape,
): LatentAdapter {
  const patchDim = k * k * C;
  return {
    init: (rng): LinearAdapterParams => {
      const params = {
        timestep: initTimestepEmbedding(rng.fork('timestep'), patchDim, { frequencyDim: FREQUENCY_DIM }),
        in: initLinear(rng.fork('in'), patchDim, modelDim, { stddev: INWARD_STDDEV, bias: true }),
        out: initLinear(rng.fork('out'), modelDim, patchDim, { stddev: 0.02, bias: true }),
      };
      if (positionEmbedding === 'none') return params;
      return { ...params, grid: initGridEmbedding(rng, modelDim) };
    },
    embed: (params, noisyLatents, timesteps) => {
      const { timestep, in: inward, grid } = params as LinearAdapterParams;
      const [N, h, w] = noisyLatents.shape;
      const conditioned = patchify(noisyLatents, k).add(
        timestepEmbedding(timestep, timesteps).reshape([N, 1, patchDim]),
      );
      const hidden = linearLayer(inward, conditioned) as tf.Tensor3D; // [N, P, D]
      if (grid === undefined) return { hidden, skips: [] };
      return { hidden: hidden.add(gridEmbedding(grid, h / k, w / k)), skips: [] };
    },
    project: (params, hidden, _timesteps, _skips, latentShape) =>
      unpatchify(linearLayer((params as LinearAdapterParams).out, hidden) as tf.Tensor3D, k, latentShape),
    flops: ([h, w]: Shape) => {
      const toAndFro = 2 * 2 * ((h * w) / (k * k)) * patchDim * modelDim;
      return toAndFro + 2 * (FREQUENCY_DIM * patchDim + patchDim * patchDim);
    },
  };
}
