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

/** Keys (rotated) and values of some positions: [B, KV, S, E] each. */
export type KeyValues = {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
};

/** Keys and values of earlier positions, and the bias of attention to them [B, 1, 1, T]. */
export type PastKeyValues = KeyValues & {
  readonly bias: tf.Tensor4D;
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
 * @param bias [B or 1, H or 1, S, S], added to the scores
 * @param past keys and values of earlier positions, which all of the new ones attend to
 * @returns the output, and the keys and values of the new positions
 */
export function attend(
  { query, key, value }: { query: tf.Tensor; key: tf.Tensor; value: tf.Tensor },
  rotation: Rotations,
  bias: tf.Tensor4D,
  past?: PastKeyValues,
): { output: tf.Tensor3D; present: KeyValues } {
  const [B, S, H, E] = query.shape as [number, number, number, number];
  const KV = key.shape[2]!;
  const headsFirst = (y: tf.Tensor): tf.Tensor4D => y.transpose([0, 2, 1, 3]);
  // Queries that share a key head are stacked, so keys need not be repeated.
  const rows = (H / KV) * S;
  const q = rotate(headsFirst(query), rotation)
    .mul(1 / Math.sqrt(E))
    .reshape([B, KV, rows, E]);
  const keys = rotate(headsFirst(key), rotation) as tf.Tensor4D; // [B, KV, S, E]
  const values = headsFirst(value);
  const scoresOf = (k: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor =>
    tf.matMul(q, k, false, true).reshape([B, H, S, -1]).add(b);
  const sumOf = (weights: tf.Tensor, v: tf.Tensor4D): tf.Tensor =>
    tf.matMul(weights.reshape([B, KV, rows, -1]), v);
  const scores = scoresOf(keys, bias); // [B, H, S, S]
  let sum: tf.Tensor;
  if (past === undefined) {
    sum = sumOf(tf.softmax(scores), values);
  } else {
    // The keys and values are joined in the scores: joining themselves would copy the whole cache.
    const T = past.keys.shape[2];
    const weights = tf.softmax(tf.concat([scoresOf(past.keys, past.bias), scores], 3));
    const [toPast, toNew] = tf.split(weights, [T, S], 3);
    sum = sumOf(toPast, past.values).add(sumOf(toNew, values));
  }
  const output = headsFirst(sum.reshape([B, H, S, E])); // [B, S, H, E]
  return { output: output.reshape([B, S, H * E]), present: { keys, values } };
}
