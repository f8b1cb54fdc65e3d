/**
 * The trunk as it generates: new positions attend to a cache and to one another. The same function as `trunk`, in
 * as few operations as possible, since at one row each costs more to start than to compute: projections of the same
 * vectors are one product, and queries and keys are rotated together.
 */
import * as tf from '@transfusion/tfjs';
import type { LinearParams, RmsNormParams } from '@transfusion/nn';
import type { TransformerConfig } from '../../trunk/config.js';
import type { BlockParams } from '../../trunk/trunk.js';

/** Keys (rotated) and values of some positions: [B, KV, S, E] each. */
export interface KeyValues {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
}

/** Keys and values of earlier positions, and the bias of attention to them [B, 1, 1, T]. */
export interface PastKeyValues extends KeyValues {
  readonly bias: tf.Tensor4D;
}

/** Weights of a layer, some of them joined. */
export type CachedBlock = {
  readonly attentionNorm: tf.Tensor;
  /** Queries (scaled by 1 / √E unless normalized), keys and values: [D, (H + 2 · KV) · E]. */
  readonly queryKeyValue: tf.Tensor2D;
  /** Gains of normalized queries (scaled by 1 / √E) and keys: [H + KV, 1, E]. */
  readonly queryKeyGain?: tf.Tensor3D;
  readonly out: tf.Tensor2D;
  readonly ffnNorm: tf.Tensor;
  /** [D, 2 · F] */
  readonly gateUp: tf.Tensor2D;
  readonly down: tf.Tensor2D;
};

/** Inputs of the trunk besides hidden vectors. */
export interface CachedTrunkInputs {
  /** int32 [B, S] */
  readonly positions: tf.Tensor2D;
  /** Bias of attention among the new positions, [1 or B, 1, S, S]. */
  readonly bias: tf.Tensor4D;
  /** The cache, for each layer. */
  readonly past: readonly PastKeyValues[];
}

/** Joins the weights of a layer. */
export function joinBlock(block: BlockParams, config: TransformerConfig): CachedBlock {
  const { modelDim: D, numHeads: H, numKvHeads: KV } = config;
  const E = D / H;
  const matrix = ({ weight }: LinearParams): tf.Tensor2D => weight as tf.Tensor2D;
  const { query, key, value, out, queryNorm, keyNorm } = block.attention;
  const scale = 1 / Math.sqrt(E);
  const gainOf = ({ weight }: RmsNormParams, heads: number): tf.Tensor =>
    weight.reshape([1, 1, E]).tile([heads, 1, 1]);
  return {
    attentionNorm: block.attentionNorm.weight,
    queryKeyValue: tf.concat2d(
      [
        queryNorm === undefined ? matrix(query).mul<tf.Tensor2D>(scale) : matrix(query),
        matrix(key),
        matrix(value),
      ],
      1,
    ),
    ...(queryNorm === undefined || keyNorm === undefined
      ? {}
      : {
          queryKeyGain: tf.concat([gainOf(queryNorm, H).mul(scale), gainOf(keyNorm, KV)], 0) as tf.Tensor3D,
        }),
    out: matrix(out),
    ffnNorm: block.ffnNorm.weight,
    gateUp: tf.concat2d([matrix(block.ffn.gate), matrix(block.ffn.up)], 1),
    down: matrix(block.ffn.down),
  };
}

/**
 * Runs the trunk on new positions: x [B, S, D] -> [B, S, D], with the final norm.
 *
 * @returns the hidden vectors, and the keys and values of the new positions, for each layer
 */
export function cachedTrunk(
  blocks: readonly CachedBlock[],
  norm: tf.Tensor,
  config: TransformerConfig,
  x: tf.Tensor3D,
  { positions, bias, past }: CachedTrunkInputs,
): { hidden: tf.Tensor3D; present: readonly KeyValues[] } {
  const { numHeads: H, numKvHeads: KV, rmsNormEpsilon: epsilon } = config;
  const [B, S, D] = x.shape;
  const E = D / H;
  const rotation = rotationsOf(positions, E, config.ropeTheta);
  const present: KeyValues[] = [];
  blocks.forEach((block, layer) => {
    const projected = tf.matMul(normalize(x, block.attentionNorm, epsilon), block.queryKeyValue);
    const heads = projected.reshape([B, S, H + 2 * KV, E]).transpose([0, 2, 1, 3]);
    const [toRotate, values] = tf.split(heads, [H + KV, KV], 1) as tf.Tensor4D[];
    const { queryKeyGain } = block;
    const normed =
      queryKeyGain === undefined ? toRotate : normalize(toRotate, tf.ones([E]), epsilon).mul(queryKeyGain);
    const [queries, keys] = tf.split(rotate(normed, rotation), [H, KV], 1) as tf.Tensor4D[];
    present.push({ keys, values });
    const attended = attendToCache(queries, keys, values, bias, past[layer]).transpose([0, 2, 1, 3]);
    x = x.add(tf.matMul(attended.reshape([B, S, D]), block.out));
    const [gate, up] = tf.split(tf.matMul(normalize(x, block.ffnNorm, epsilon), block.gateUp), 2, -1);
    x = x.add(tf.matMul(gate.mul(tf.sigmoid(gate)).mul(up), block.down));
  });
  return { hidden: normalize(x, norm, epsilon) as tf.Tensor3D, present };
}

/**
 * Attention of queries [B, H, S, E] to a cache and to new keys and values [B, KV, S, E] -> [B, H, S, E]. They are
 * joined in the scores: joining the keys and values themselves would copy the whole cache.
 */
function attendToCache(
  queries: tf.Tensor4D,
  keys: tf.Tensor4D,
  values: tf.Tensor4D,
  bias: tf.Tensor4D,
  past: PastKeyValues,
): tf.Tensor {
  const [B, H, S, E] = queries.shape;
  const KV = keys.shape[1];
  const T = past.keys.shape[2];
  // Queries that share a key head are stacked, so keys need not be repeated.
  const stacked = queries.reshape([B, KV, (H / KV) * S, E]);
  const scoresOf = (k: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor =>
    tf.matMul(stacked, k, false, true).reshape([B, H, S, -1]).add(b);
  const weights = tf.softmax(tf.concat([scoresOf(past.keys, past.bias), scoresOf(keys, bias)], 3));
  const [toPast, toNew] = tf.split(weights, [T, S], 3);
  const sumOf = (w: tf.Tensor, v: tf.Tensor4D): tf.Tensor =>
    tf.matMul(w.reshape([B, KV, (H / KV) * S, -1]), v);
  return sumOf(toPast, past.values).add(sumOf(toNew, values)).reshape([B, H, S, E]);
}

/** RMS norm, in the form that ONNX Runtime replaces by one operation. */
function normalize(x: tf.Tensor, gain: tf.Tensor, epsilon: number): tf.Tensor {
  return x.div(tf.sqrt(tf.pow(x, 2).mean(-1, true).add(epsilon))).mul(gain);
}

/** Cosines, and sines that are negative in the first half: [B, 1, S, E] each. */
interface FullRotations {
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
}

function rotationsOf(positions: tf.Tensor2D, E: number, theta: number): FullRotations {
  const [B, S] = positions.shape;
  const half = E / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => theta ** (-i / half));
  const angles = positions
    .toFloat()
    .reshape([B, 1, S, 1])
    .mul(tf.tensor(frequencies, [1, 1, 1, half]));
  const [cos, sin] = [tf.cos(angles), tf.sin(angles)];
  return { cos: tf.concat([cos, cos], 3), sin: tf.concat([tf.neg(sin), sin], 3) };
}

/** Rotates the pair (i, i + E/2) of each vector by its position's angle. */
function rotate(x: tf.Tensor, { cos, sin }: FullRotations): tf.Tensor {
  const [a, b] = tf.split(x, 2, -1);
  return x.mul(cos).add(tf.concat([b, a], -1).mul(sin));
}
