/**
 * The paper's linear patch adapter (Transfusion, section 3.1): a patch is a vector, to which the
 * timestep's embedding is added before a linear layer; another linear layer leads back.
 */
import type * as tf from '@tensorflow/tfjs';
import type { LatentAdapter, Shape } from '@transfusion/modality';
import {
  initLinear,
  initTimestepEmbedding,
  linear,
  normal,
  timestepEmbedding,
  TransfusionError,
  type LinearParams,
  type TimestepEmbeddingParams,
} from '@transfusion/nn';
import { patchify, unpatchify } from './patches.js';

/** The shape of a {@link linearAdapter}. */
export interface LinearAdapterOptions {
  /** k: patches of k × k latent positions become one element of the sequence. */
  readonly patchSize: number;
  /** Channels of the latents; 3 for pixels. */
  readonly latentChannels: number;
  /**
   * `axial` adds a learned vector for a patch's row and one for its column to what the transformer
   * sees; `none` leaves the place of a patch to the sequence, as the paper does.
   */
  readonly positionEmbedding?: 'none' | 'axial';
}

/** Sinusoids of a timestep. */
const FREQUENCY_DIM = 256;

/** Most patches along a side that axial embeddings have vectors for. */
const MAX_GRID = 64;

type LinearAdapterParams = {
  readonly timestep: TimestepEmbeddingParams;
  readonly in: LinearParams;
  readonly out: LinearParams;
  readonly rows?: tf.Tensor;
  readonly columns?: tf.Tensor;
};

/** Makes the adapter for a transformer of the given width. */
export function linearAdapter(
  modelDim: number,
  { patchSize: k, latentChannels: C, positionEmbedding = 'none' }: LinearAdapterOptions,
): LatentAdapter {
  const patchDim = k * k * C;
  return {
    init: (rng): LinearAdapterParams => {
      const params = {
        timestep: initTimestepEmbedding(rng.fork('timestep'), patchDim, { frequencyDim: FREQUENCY_DIM }),
        in: initLinear(rng.fork('in'), patchDim, modelDim, { bias: true }),
        out: initLinear(rng.fork('out'), modelDim, patchDim, { stddev: 0.02, bias: true }),
      };
      if (positionEmbedding === 'none') return params;
      return {
        ...params,
        rows: normal(rng.fork('rows'), [MAX_GRID, modelDim], 0.02),
        columns: normal(rng.fork('columns'), [MAX_GRID, modelDim], 0.02),
      };
    },
    embed: (params, noisyLatents, timesteps) => {
      const { timestep, in: inward, rows, columns } = params as LinearAdapterParams;
      const [N, h, w] = noisyLatents.shape;
      const conditioned = patchify(noisyLatents, k).add(
        timestepEmbedding(timestep, timesteps).reshape([N, 1, patchDim]),
      );
      const hidden = linear(inward, conditioned) as tf.Tensor3D; // [N, P, D]
      if (rows === undefined || columns === undefined) return { hidden, skips: [] };
      const places = gridEmbedding(rows, columns, h / k, w / k);
      return { hidden: hidden.add(places), skips: [] };
    },
    project: (params, hidden, _timesteps, _skips, latentShape) =>
      unpatchify(linear((params as LinearAdapterParams).out, hidden) as tf.Tensor3D, k, latentShape),
    flops: ([h, w]: Shape) => {
      const toAndFro = 2 * 2 * ((h * w) / (k * k)) * patchDim * modelDim;
      return toAndFro + 2 * (FREQUENCY_DIM * patchDim + patchDim * patchDim);
    },
  };
}

/** Row and column vectors of each patch: [1, P, D]. */
function gridEmbedding(rows: tf.Tensor, columns: tf.Tensor, h: number, w: number): tf.Tensor {
  if (h > MAX_GRID || w > MAX_GRID) {
    throw new TransfusionError(
      'invalid-argument',
      `linearAdapter: ${h} x ${w} patches, but axial position embeddings reach to ${MAX_GRID} a side. Use larger patches.`,
    );
  }
  const D = rows.shape[1]!;
  const byRow = rows.slice([0, 0], [h, D]).reshape([h, 1, D]);
  const byColumn = columns.slice([0, 0], [w, D]).reshape([1, w, D]);
  return byRow.add(byColumn).reshape([1, h * w, D]);
}
