/**
 * The paper's linear patch adapter (Transfusion, section 3.1): the timestep embedding is added to each patch before a
 * linear layer into the transformer; a second linear layer maps its output back to patches.
 */
import type * as tf from '@transfusion/tfjs';
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

/** Number of sinusoids of the timestep embedding. */
const FREQUENCY_DIM = 256;

type LinearAdapterParams = {
  readonly timestep: TimestepEmbeddingParams;
  readonly in: LinearParams;
  readonly out: LinearParams;
  readonly grid?: GridEmbeddingParams;
};

/**
 * Standard deviation of the initial weights of layers into the transformer, as for token embeddings. At initialization,
 * transformer layers add small vectors to their input; with inputs of size 1, these would have almost no effect, and
 * learning would start slowly.
 */
export const INPUT_STDDEV = 0.02;

/** Returns the linear adapter for `image({ adapter: linear() })`. */
export function linear(): AdapterFactory {
  return Object.assign((modelDim: number, shape: AdapterShape) => linearAdapter(modelDim, shape), {
    config: { type: 'linear' },
  });
}

/** Creates the adapter for a transformer of width `modelDim`. */
export function linearAdapter(
  modelDim: number,
  { patchSize: k, latentChannels: C, positionEmbedding = 'none' }: AdapterShape,
): LatentAdapter {
  const patchDim = k * k * C;
  return {
    init: (rng): LinearAdapterParams => {
      const params = {
        timestep: initTimestepEmbedding(rng.fork('timestep'), patchDim, { frequencyDim: FREQUENCY_DIM }),
        in: initLinear(rng.fork('in'), patchDim, modelDim, { stddev: INPUT_STDDEV, bias: true }),
        out: initLinear(rng.fork('out'), modelDim, patchDim, { stddev: 0.02, bias: true }),
      };
      if (positionEmbedding === 'none') return params;
      return { ...params, grid: initGridEmbedding(rng, modelDim) };
    },
    embed: (params, noisyLatents, timesteps) => {
      const { timestep, in: inputLayer, grid } = params as LinearAdapterParams;
      const [N, h, w] = noisyLatents.shape;
      const conditioned = patchify(noisyLatents, k).add(
        timestepEmbedding(timestep, timesteps).reshape([N, 1, patchDim]),
      );
      const hidden = linearLayer(inputLayer, conditioned) as tf.Tensor3D; // [N, P, D]
      if (grid === undefined) return { hidden, skips: [] };
      return { hidden: hidden.add(gridEmbedding(grid, h / k, w / k)), skips: [] };
    },
    project: (params, hidden, _timesteps, _skips, latentShape) =>
      unpatchify(linearLayer((params as LinearAdapterParams).out, hidden) as tf.Tensor3D, k, latentShape),
    flops: ([h, w]: Shape) => {
      const linearFlops = 2 * 2 * ((h * w) / (k * k)) * patchDim * modelDim;
      return linearFlops + 2 * (FREQUENCY_DIM * patchDim + patchDim * patchDim);
    },
  };
}
