/**
 * The trunk as it generates: new positions are written into a cache, and attend to it. The same function as `trunk`,
 * in as few operations as possible, since at one row each costs more to start than to compute: projections of the
 * same vectors are one product, and queries and keys are rotated together.
 */
import * as tf from '@transfusion/tfjs';
import { flattenParams, mergedWeight, type RmsNormParams } from '@transfusion/nn';
import type { Transfusion, TransfusionParams } from '../../model/transfusion.js';
import type { TransformerConfig } from '../../trunk/config.js';
import type { BlockParams } from '../../trunk/trunk.js';

/** Keys (rotated) and values of the positions of a cache: [B, KV, T, E] each. */
export interface KeyValues {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
}

/** Weights of a layer, some of them joined. */
export type CachedBlock = {
  readonly attentionNorm: tf.Tensor;
  /** Queries (scaled by 1 / √E unless normalized), keys and values: [D, (H + 2 · KV) · E]. */
  readonly queryKeyValue: tf.Tensor2D;
  /** Gains of normalized queries (scaled by 1 / √E) and keys: [H + KV, E]. */
  readonly queryKeyGain?: tf.Tensor2D;
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
  /** Returns a cache [B, KV, T, E] with the keys or values of the new positions [B, S, KV, E] in it. */
  readonly write: (cache: tf.Tensor4D, fresh: tf.Tensor4D) => tf.Tensor4D;
  /** Bias of attention to the cache with the new positions in it, [B, 1, S, T]. */
  readonly bias: tf.Tensor4D;
  /** The cache, for each layer. */
  readonly cache: readonly KeyValues[];
}

/** Weights of the trunk for elements of one kind, joined. */
export interface JoinedTrunk {
  readonly blocks: readonly CachedBlock[];
  readonly norm: tf.Tensor;
  /** Tensors of `blocks` that are not the model's own, to be disposed of. */
  readonly owned: readonly tf.Tensor[];
}

/** Joins the weights of the trunk for elements of one kind, with its low-rank updates merged into them. */
export function joinTrunk(
  { transformer, trunkOf }: Pick<Transfusion, 'transformer' | 'trunkOf'>,
  params: TransfusionParams,
  kind: string,
): JoinedTrunk {
  const blocks = tf.tidy(() =>
    trunkOf(params).layers.map((kinds) => joinBlock(kinds[kind], transformer)),
  ) as CachedBlock[];
  const ofModel = new Set(Object.values(flattenParams(params)));
  const owned = blocks.flatMap((block) => Object.values(block)).filter((tensor) => !ofModel.has(tensor));
  return { blocks, norm: params.trunk.norm[kind].weight, owned };
}

/** Joins the weights of a layer. */
export function joinBlock(block: BlockParams, config: TransformerConfig): CachedBlock {
  const { modelDim: D, numHeads: H, numKvHeads: KV } = config;
  const E = D / H;
  const { query, key, value, out, queryNorm, keyNorm } = block.attention;
  const scale = 1 / Math.sqrt(E);
  const gainOf = ({ weight }: RmsNormParams, heads: number): tf.Tensor2D =>
    weight.reshape([1, E]).tile([heads, 1]);
  return {
    attentionNorm: block.attentionNorm.weight,
    queryKeyValue: tf.concat2d(
      [
        queryNorm === undefined ? mergedWeight(query).mul<tf.Tensor2D>(scale) : mergedWeight(query),
        mergedWeight(key),
        mergedWeight(value),
      ],
      1,
    ),
    ...(queryNorm === undefined || keyNorm === undefined
      ? {}
      : {
          queryKeyGain: tf
            .concat2d([gainOf(queryNorm, H).mul<tf.Tensor2D>(scale), gainOf(keyNorm, KV)], 0)
            .div<tf.Tensor2D>(NORM_GAIN),
        }),
    out: mergedWeight(out),
    ffnNorm: block.ffnNorm.weight,
    gateUp: tf.concat2d([mergedWeight(block.ffn.gate), mergedWeight(block.ffn.up)], 1),
    down: mergedWeight(block.ffn.down),
  };
}

/**
 * Runs the trunk on new positions: x [B, S, D] -> [B, S, D], with the final norm.
 *
 * @returns the hidden vectors, and the cache with the new positions in it
 */
export function cachedTrunk(
  blocks: readonly CachedBlock[],
  norm: tf.Tensor,
  config: TransformerConfig,
  x: tf.Tensor3D,
  { positions, write, bias, cache }: CachedTrunkInputs,
): { hidden: tf.Tensor3D; cache: readonly KeyValues[] } {
  const { numHeads: H, numKvHeads: KV, rmsNormEpsilon: epsilon } = config;
  const [B, S, D] = x.shape;
  const E = D / H;
  const rotation = rotationsOf(positions, E, config.ropeTheta);
  const updated = blocks.map((block, layer): KeyValues => {
    const projected = tf.matMul(normalize(x, block.attentionNorm, epsilon), block.queryKeyValue);
    const heads = projected.reshape([B, S, H + 2 * KV, E]);
    const [toRotate, values] = tf.split(heads, [H + KV, KV], 2) as tf.Tensor4D[];
    const { queryKeyGain } = block;
    const normed =
      queryKeyGain === undefined
        ? toRotate
        : normalize(toRotate, tf.fill([E], NORM_GAIN), epsilon).mul(queryKeyGain);
    const [queries, keys] = tf.split(rotate(normed, rotation), [H, KV], 2) as tf.Tensor4D[];
    const present = {
      keys: write(cache[layer].keys, keys),
      values: write(cache[layer].values, values),
    };
    x = x.add(tf.matMul(attend(queries, present, bias), block.out));
    const [gate, up] = tf.split(tf.matMul(normalize(x, block.ffnNorm, epsilon), block.gateUp), 2, -1);
    x = x.add(tf.matMul(gate.mul(tf.sigmoid(gate)).mul(up), block.down));
    return present;
  });
  return { hidden: normalize(x, norm, epsilon) as tf.Tensor3D, cache: updated };
}

/** Attention of queries [B, S, H, E] to keys and values [B, KV, T, E] -> [B, S, H * E]. */
function attend(queries: tf.Tensor4D, { keys, values }: KeyValues, bias: tf.Tensor4D): tf.Tensor3D {
  const [B, S, H, E] = queries.shape;
  const [, KV, T] = keys.shape;
  // Queries that share a key head are stacked, so keys need not be repeated.
  const stacked = queries.transpose([0, 2, 1, 3]).reshape([B, KV, (H / KV) * S, E]);
  const scores = tf.matMul(stacked, keys, false, true).reshape([B, H, S, T]);
  const weights = tf.softmax(scores.add(bias)).reshape([B, KV, (H / KV) * S, T]);
  const sums = tf.matMul(weights, values).reshape([B, H, S, E]);
  return sums.transpose([0, 2, 1, 3]).reshape([B, S, H * E]);
}

/**
 * Gain of the norm of queries and keys, whose own gains are divided by it: ONNX Runtime would remove a gain of one, and
 * then not see that the operations are a norm. A power of two, so that no bit changes.
 */
const NORM_GAIN = 2;

/** RMS norm, in the form that ONNX Runtime replaces by one operation. */
function normalize(x: tf.Tensor, gain: tf.Tensor, epsilon: number): tf.Tensor {
  return x.div(tf.sqrt(tf.pow(x, 2).mean(-1, true).add(epsilon))).mul(gain);
}

/** Cosines, and sines that are negative in the first half: [B, S, 1, E] each. */
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
    .reshape([B, S, 1, 1])
    .mul(tf.tensor(frequencies, [1, 1, 1, half]));
  const [cos, sin] = [tf.cos(angles), tf.sin(angles)];
  return { cos: tf.concat([cos, cos], 3), sin: tf.concat([tf.neg(sin), sin], 3) };
}

/** Rotates the pair (i, i + E/2) of each vector by its position's angle. */
function rotate(x: tf.Tensor, { cos, sin }: FullRotations): tf.Tensor {
  const [a, b] = tf.split(x, 2, -1);
  return x.mul(cos).add(tf.concat([b, a], -1).mul(sin));
}
