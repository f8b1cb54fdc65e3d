/**
 * A decoder-only transformer over characters, in plain TensorFlow.js operations. It knows positions
 * by a penalty on distance in the attention scores only (ALiBi: Press, Smith & Lewis 2022), and
 * predicts with the transposed embedding.
 */
import * as tf from '@transfusion/tfjs';

export interface CharTransformerConfig {
  readonly vocabSize: number;
  readonly seqLen: number;
  readonly modelDim: number;
  readonly numHeads: number;
  readonly numLayers: number;
  readonly ffnDim: number;
}

export interface CharTransformer {
  readonly config: CharTransformerConfig;
  readonly variables: tf.Variable[];
  /** Logits of the next token at each position: [B, S] int32 -> [B, S, V]. */
  logits(tokens: tf.Tensor2D): tf.Tensor3D;
  /** Mean cross-entropy in nats per character. */
  loss(tokens: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar;
  dispose(): void;
}

interface Block {
  readonly attentionNorm: tf.Variable;
  readonly queryKeyValue: tf.Variable;
  readonly attentionOut: tf.Variable;
  readonly ffnNorm: tf.Variable;
  readonly ffnIn: tf.Variable;
  readonly ffnOut: tf.Variable;
}

export function createCharTransformer(config: CharTransformerConfig, seed: number): CharTransformer {
  const { vocabSize, seqLen, modelDim, numHeads, numLayers, ffnDim } = config;
  const variables: tf.Variable[] = [];
  const add = (initial: () => tf.Tensor): tf.Variable => {
    const variable = tf.tidy(() => tf.variable(initial()));
    variables.push(variable);
    return variable;
  };
  const normal = (shape: number[], stddev: number): tf.Variable =>
    add(() => tf.randomNormal(shape, 0, stddev, 'float32', seed + variables.length));
  const ones = (): tf.Variable => add(() => tf.ones([modelDim]));

  // Residual branches start small, so that depth does not blow up the sum of them.
  const outStddev = 0.02 / Math.sqrt(2 * numLayers);
  const embedding = normal([vocabSize, modelDim], 0.02);
  const blocks = Array.from({ length: numLayers }, (): Block => ({
    attentionNorm: ones(),
    queryKeyValue: normal([modelDim, 3 * modelDim], 0.02),
    attentionOut: normal([modelDim, modelDim], outStddev),
    ffnNorm: ones(),
    ffnIn: normal([modelDim, ffnDim], 0.02),
    ffnOut: normal([ffnDim, modelDim], outStddev),
  }));
  const finalNorm = ones();
  const bias = attentionBias(seqLen, numHeads);

  const logits = (tokens: tf.Tensor2D): tf.Tensor3D => {
    const oneHot = tf.oneHot(tokens, vocabSize) as tf.Tensor3D; // [B, S, V]
    // Not tf.gather: the wasm backend has no gradient for it.
    let x: tf.Tensor3D = linear(oneHot, embedding); // [B, S, D]
    for (const block of blocks) {
      x = x.add(attention(rmsNorm(x, block.attentionNorm), block, bias));
      x = x.add(feedForward(rmsNorm(x, block.ffnNorm), block));
    }
    return linear(rmsNorm(x, finalNorm), embedding, true); // [B, S, V]
  };

  const loss = (tokens: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar =>
    tf.losses.softmaxCrossEntropy(tf.oneHot(targets, vocabSize), logits(tokens));

  return { config, variables, logits, loss, dispose: () => tf.dispose([bias, ...variables]) };
}

/** The bias added to the attention scores: lower the farther back, -1e9 ahead. [H, S, S] */
function attentionBias(seqLen: number, numHeads: number): tf.Tensor3D {
  return tf.tidy(() => {
    const positions = tf.range(0, seqLen);
    const distance = positions.expandDims(1).sub(positions); // [S, S]
    // The first head looks at what is nearest; each further one four times as far.
    const slopes = tf.pow(4, tf.range(0, -numHeads, -1)).reshape([numHeads, 1, 1]);
    return tf.where(distance.less(0), -1e9, distance.neg().mul(slopes)) as tf.Tensor3D;
  });
}

function attention(x: tf.Tensor3D, block: Block, bias: tf.Tensor3D): tf.Tensor3D {
  const [B, S, D] = x.shape;
  const H = bias.shape[0];
  const E = D / H;
  const [query, key, value] = tf.unstack(
    linear(x, block.queryKeyValue).reshape([B, S, 3, H, E]).transpose([2, 0, 3, 1, 4]), // [3, B, H, S, E]
  ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const scores = tf.matMul(query, key, false, true).div(Math.sqrt(E)).add(bias); // [B, H, S, S]
  const mixed = tf.matMul(tf.softmax(scores), value); // [B, H, S, E]
  return linear(mixed.transpose([0, 2, 1, 3]).reshape([B, S, D]), block.attentionOut);
}

function feedForward(x: tf.Tensor3D, block: Block): tf.Tensor3D {
  return linear(tf.relu(linear(x, block.ffnIn)), block.ffnOut);
}

function rmsNorm(x: tf.Tensor3D, gain: tf.Variable): tf.Tensor3D {
  return x.mul(tf.rsqrt(x.square().mean(-1, true).add(1e-5))).mul(gain);
}

/** [B, S, I] times [I, O], or times [O, I] transposed. */
function linear(x: tf.Tensor3D, weights: tf.Variable, transposed = false): tf.Tensor3D {
  const [B, S, I] = x.shape;
  return tf.matMul(x.reshape([B * S, I]), weights as tf.Tensor2D, false, transposed).reshape([B, S, -1]);
}
