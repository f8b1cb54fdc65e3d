/**
 * A small convolutional network with two heads: the style of an emoji and its group.
 * Three times convolution, ReLU and pooling; then one linear layer for each question.
 */
import * as tf from '@transfusion/tfjs';

export interface ClassifierConfig {
  /** Width and height of the images; a multiple of 8. */
  readonly imageSize: number;
  /** Output channels of each convolution. */
  readonly channels: readonly [number, number, number];
  readonly numStyles: number;
  readonly numGroups: number;
}

export interface ClassifierScores {
  /** [B, styles] */
  readonly style: tf.Tensor2D;
  /** [B, groups] */
  readonly group: tf.Tensor2D;
}

export interface EmojiBatch {
  /** [B, h, w, 3], 0 to 1. */
  readonly images: tf.Tensor4D;
  /** [B] int32 */
  readonly styles: tf.Tensor1D;
  /** [B] int32 */
  readonly groups: tf.Tensor1D;
}

export interface Classifier {
  readonly config: ClassifierConfig;
  readonly variables: tf.Variable[];
  scores(images: tf.Tensor4D): ClassifierScores;
  /** Sum of both cross-entropies in nats. */
  loss(batch: EmojiBatch): tf.Scalar;
  dispose(): void;
}

interface Layer {
  readonly weights: tf.Variable;
  readonly bias: tf.Variable;
}

export function createClassifier(config: ClassifierConfig, seed: number): Classifier {
  const { imageSize, channels, numStyles, numGroups } = config;
  const variables: tf.Variable[] = [];
  const layer = (...shape: number[]): Layer => {
    const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const made = tf.tidy(() => ({
      weights: tf.variable(
        tf.randomNormal(shape, 0, Math.sqrt(2 / fanIn), 'float32', seed + variables.length),
      ),
      bias: tf.variable(tf.zeros([shape.at(-1)!])),
    }));
    variables.push(made.weights, made.bias);
    return made;
  };

  const convolutions = channels.map((out, i) => layer(3, 3, channels[i - 1] ?? 3, out));
  const features = channels[2] * (imageSize / 8) ** 2;
  const styleHead = layer(features, numStyles);
  const groupHead = layer(features, numGroups);

  const scores = (images: tf.Tensor4D): ClassifierScores => {
    let x = images.sub(0.5) as tf.Tensor4D; // [B, h, w, 3]
    for (const convolution of convolutions) x = convolveAndPool(x, convolution); // [B, h/2, w/2, C]
    const flat = x.reshape([images.shape[0], features]) as tf.Tensor2D;
    return { style: linear(flat, styleHead), group: linear(flat, groupHead) };
  };

  const loss = ({ images, styles, groups }: EmojiBatch): tf.Scalar => {
    const { style, group } = scores(images);
    return tf.add(
      tf.losses.softmaxCrossEntropy(tf.oneHot(styles, numStyles), style),
      tf.losses.softmaxCrossEntropy(tf.oneHot(groups, numGroups), group),
    );
  };

  return { config, variables, scores, loss, dispose: () => tf.dispose(variables) };
}

function convolveAndPool(x: tf.Tensor4D, { weights, bias }: Layer): tf.Tensor4D {
  const convolved: tf.Tensor4D = tf.conv2d(x, weights as tf.Tensor4D, 1, 'same').add(bias);
  return tf.maxPool(tf.relu(convolved), 2, 2, 'valid');
}

function linear(x: tf.Tensor2D, { weights, bias }: Layer): tf.Tensor2D {
  return tf.matMul(x, weights as tf.Tensor2D).add(bias);
}
