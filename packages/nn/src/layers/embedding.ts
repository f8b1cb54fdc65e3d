import * as tf from '@transfusion/tfjs';
import { normal } from '../initializers.js';
import type { Rng } from '../rng.js';

/** Parameters of {@link embedding}: `weight` [vocabSize, dim]. */
export type EmbeddingParams = {
  readonly weight: tf.Tensor;
};

/** Initializes {@link embedding} with normal weights. */
export function initEmbedding(rng: Rng, vocabSize: number, dim: number, stddev = 0.02): EmbeddingParams {
  return { weight: normal(rng, [vocabSize, dim], stddev) };
}

/** Looks up rows of the table: int32 ids [...] -> [..., dim]. Ids must lie within the table. */
export function embedding({ weight }: EmbeddingParams, ids: tf.Tensor): tf.Tensor {
  const rows = tf.gather(weight, ids.reshape([-1]) as tf.Tensor1D);
  return rows.reshape([...ids.shape, weight.shape[1]!]);
}
