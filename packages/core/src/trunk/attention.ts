/**
 * Self-attention with rotary position embeddings, grouped-query heads and optional query-key normalization.
 * The mask is an additive bias that the caller provides.
 */
import * as tf from '@transfusion/tfjs';
import {
  initLinear,
  initRmsNorm,
  linear,
  rmsNorm,
  type LinearParams,
  type RmsNormParams,
  type Rng,
} from '@transfusion/nn';
import type { TransformerConfig } from './config.js';
import { rotate, type Rotations } from './rope.js';

/** Projections without biases; the norms only with `qkNorm`. */
export type AttentionParams = {
  readonly query: LinearParams;
  readonly key: LinearParams;
  readonly value: LinearParams;
  readonly out: LinearParams;
  readonly queryNorm?: RmsNormParams;
  readonly keyNorm?: RmsNormParams;
};

/** Initializes the parameters of an attention layer. */
export function initAttention(rng: Rng, config: TransformerConfig): AttentionParams {
  const { modelDim: D, numHeads, numKvHeads, numLayers } = config;
  const E = D / numHeads;
  const stddev = 0.02;
  const projections = {
    query: initLinear(rng.fork('query'), D, numHeads * E, { stddev }),
    key: initLinear(rng.fork('key'), D, numKvHeads * E, { stddev }),
    value: initLinear(rng.fork('value'), D, numKvHeads * E, { stddev }),
    // Residual branches start small, scaled by depth (GPT-2, Radford et al. 2019).
    out: initLinear(rng.fork('out'), numHeads * E, D, { stddev: stddev / Math.sqrt(2 * numLayers) }),
  };
  return config.qkNorm ? { ...projections, queryNorm: initRmsNorm(E), keyNorm: initRmsNorm(E) } : projections;
}

/** Projects x [B, S, D] to queries [B, S, H, E], and keys and values [B, S, KV, E], not yet rotated. */
export function projectHeads(
  params: AttentionParams,
  config: TransformerConfig,
  x: tf.Tensor3D,
): { query: tf.Tensor; key: tf.Tensor; value: tf.Tensor } {
  const [B, S, D] = x.shape;
  const E = D / config.numHeads;
  const heads = (projection: LinearParams): tf.Tensor => linear(projection, x).reshape([B, S, -1, E]);
  const normalize = (norm: RmsNormParams | undefined, y: tf.Tensor): tf.Tensor =>
    norm === undefined ? y : rmsNorm(norm, y, config.rmsNormEpsilon);
  return {
    query: normalize(params.queryNorm, heads(params.query)),
    key: normalize(params.keyNorm, heads(params.key)),
    value: heads(params.value),
  };
}

/**
 * Computes attention over queries, keys and values [B, S, heads, E] of {@link projectHeads} -> [B, S, H · E].
 *
 * @param bias [B, H, S, S], added to the scores
 */
export function attend(
  { query, key, value }: { query: tf.Tensor; key: tf.Tensor; value: tf.Tensor },
  rotation: Rotations,
  bias: tf.Tensor4D,
): tf.Tensor3D {
  const [B, S, H, E] = query.shape as [number, number, number, number];
  const KV = key.shape[2]!;
  const headsFirst = (y: tf.Tensor): tf.Tensor4D => y.transpose([0, 2, 1, 3]);
  const q = rotate(headsFirst(query), rotation).mul(1 / Math.sqrt(E)); // [B, H, S, E]
  const keys = rotate(headsFirst(key), rotation); // [B, KV, S, E]
  // Queries that share a key head are stacked, so keys need not be repeated.
  const rows = (H / KV) * S;
  const scores = tf.matMul(q.reshape([B, KV, rows, E]), keys, false, true); // [B, KV, rows, S]
  const biased = scores.reshape([B, H, S, S]).add(bias);
  const weights = tf.softmax(biased).reshape([B, KV, rows, S]);
  const output = headsFirst(tf.matMul(weights, headsFirst(value)).reshape([B, H, S, E])); // [B, S, H, E]
  return output.reshape([B, S, H * E]);
}
