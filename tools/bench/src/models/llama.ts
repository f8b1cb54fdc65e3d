/**
 * A Llama block stack: RMSNorm before each part, rotary positions (in halves), causal attention,
 * SwiGLU, no biases, embedding and output not tied.
 *
 * Shapes: `B` batch, `S` sequence, `D` model width, `H` heads, `E` head width, `V` vocabulary.
 */
import * as tf from '@transfusion/tfjs';
import type { Batch, Model, Parameters } from './model.js';

export interface LlamaSizes {
  readonly batchSize: number;
  readonly seqLen: number;
  readonly modelDim: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly ffnDim: number;
  readonly vocabSize: number;
}

/** 11 million parameters. */
export const llama11M: LlamaSizes = {
  batchSize: 8,
  seqLen: 256,
  modelDim: 384,
  numLayers: 6,
  numHeads: 6,
  ffnDim: 1024,
  vocabSize: 512,
};

export function llama(sizes: LlamaSizes): Model {
  return {
    name: 'llama',
    flopsPerStep: llamaFlops(sizes),
    initialParameters: () => initialParameters(sizes),
    makeBatch: () => makeBatch(sizes),
    loss: (parameters, batch) => loss(sizes, parameters, batch),
  };
}

/**
 * A weight matrix of n values costs 2n for a token forward, and twice that backward (a gradient for
 * the weights, one for the input): 6n. The embedding is looked up, not multiplied, so it counts
 * nothing. Attention multiplies [S, E] by [E, S] and [S, S] by [S, E] in each head: 4·S·S·D forward
 * for a sequence, three times that in all. The mask does not lower it: all of S × S is computed.
 */
export function llamaFlops({ batchSize: B, seqLen: S, modelDim: D, ...sizes }: LlamaSizes): number {
  const { numLayers: L, ffnDim: F, vocabSize: V } = sizes;
  const multipliedWeights = L * (3 * D * D + D * D + 3 * D * F) + D * V;
  return 6 * multipliedWeights * B * S + 12 * L * S * D * B * S;
}

function initialParameters({ modelDim: D, numLayers, ffnDim: F, vocabSize: V }: LlamaSizes): Parameters {
  let seed = 1;
  const matrix = (rows: number, columns: number): tf.Tensor =>
    tf.randomNormal([rows, columns], 0, 0.02, 'float32', seed++);
  const parameters: Record<string, tf.Tensor> = { embedding: matrix(V, D) };
  for (let i = 0; i < numLayers; i++) {
    Object.assign(parameters, {
      [`${i}.attentionNorm`]: tf.ones([D]),
      [`${i}.queryKeyValue`]: matrix(D, 3 * D),
      [`${i}.attentionOut`]: matrix(D, D),
      [`${i}.ffnNorm`]: tf.ones([D]),
      [`${i}.gate`]: matrix(D, F),
      [`${i}.up`]: matrix(D, F),
      [`${i}.down`]: matrix(F, D),
    });
  }
  return { ...parameters, outNorm: tf.ones([D]), out: matrix(D, V) };
}

/** A text in which each token depends on the one before and a little on the position. */
function makeBatch({ batchSize: B, seqLen: S, vocabSize: V }: LlamaSizes): Batch {
  const text = Int32Array.from({ length: B * S + 1 }, (_, i) => (i * 7 + Math.floor(i / 13)) % V);
  return {
    ids: tf.tensor2d(text.subarray(0, -1), [B, S], 'int32'),
    targets: tf.tensor2d(text.subarray(1), [B, S], 'int32'),
  };
}

/** Mean cross-entropy of the next token. */
function loss(sizes: LlamaSizes, parameters: Parameters, { ids, targets }: Batch): tf.Scalar {
  const { seqLen: S, modelDim: D, numHeads: H, numLayers, vocabSize: V } = sizes;
  const positions: Positions = { mask: causalMask(S), ...rotations(S, D / H) };
  let x = tf.gather(parameters.embedding, tf.reshape(ids, [-1])); // [B*S, D]
  for (let i = 0; i < numLayers; i++) {
    const weight = (name: string): tf.Tensor => parameters[`${i}.${name}`];
    x = tf.add(x, attention(sizes, weight, rmsNorm(x, weight('attentionNorm')), positions));
    x = tf.add(x, feedForward(weight, rmsNorm(x, weight('ffnNorm'))));
  }
  const logits = tf.matMul(rmsNorm(x, parameters.outNorm), parameters.out as tf.Tensor2D); // [B*S, V]
  const expected = tf.oneHot(tf.reshape(targets, [-1]) as tf.Tensor1D, V);
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), expected), -1))) as tf.Scalar;
}

type Weight = (name: string) => tf.Tensor;

interface Positions {
  readonly mask: tf.Tensor;
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
}

function attention(
  sizes: LlamaSizes,
  weight: Weight,
  x: tf.Tensor,
  { mask, cos, sin }: Positions,
): tf.Tensor {
  const { batchSize: B, seqLen: S, modelDim: D, numHeads: H } = sizes;
  const E = D / H;
  const joint = tf.reshape(tf.matMul(x, weight('queryKeyValue')), [B, S, 3, H, E]);
  const [q, k, v] = tf.unstack(tf.transpose(joint, [2, 0, 3, 1, 4])); // [B, H, S, E]
  const scaled = tf.mul(rotate(q, cos, sin), 1 / Math.sqrt(E));
  const scores = tf.matMul(scaled, rotate(k, cos, sin), false, true); // [B, H, S, S]
  const mixed = tf.matMul(tf.softmax(tf.add(scores, mask)), v); // [B, H, S, E]
  return tf.matMul(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [B * S, D]), weight('attentionOut'));
}

function feedForward(weight: Weight, x: tf.Tensor): tf.Tensor {
  const gate = tf.matMul(x, weight('gate'));
  const swish = tf.mul(gate, tf.sigmoid(gate));
  return tf.matMul(tf.mul(swish, tf.matMul(x, weight('up'))), weight('down'));
}

function rmsNorm(x: tf.Tensor, gain: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), gain);
}

/** Turns the pair (i, i + E/2) of each position's vector by that position's angle. */
function rotate(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor {
  const [a, b] = tf.split(x, 2, -1);
  return tf.concat([tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(a, sin), tf.mul(b, cos))], -1);
}

function rotations(seqLen: number, headDim: number): { cos: tf.Tensor; sin: tf.Tensor } {
  const frequencies = tf.pow(10_000, tf.div(tf.range(0, headDim, 2), -headDim));
  const angles = tf.mul(tf.reshape(tf.range(0, seqLen), [seqLen, 1]), frequencies); // [S, E/2]
  return { cos: tf.cos(angles), sin: tf.sin(angles) };
}

function causalMask(seqLen: number): tf.Tensor {
  const position = tf.range(0, seqLen);
  const isVisible = tf.lessEqual(tf.reshape(position, [1, seqLen]), tf.reshape(position, [seqLen, 1]));
  return tf.where(isVisible, 0, -1e9); // [S, S]
}
