/** The judge with what it is trained for: fulfils the trainer's `TrainableModel`. */
import * as tf from '@tensorflow/tfjs';
import type { TrainableModel } from '@transfusion/trainer';
import type { JudgeNetwork, JudgeParams } from './judge-network.js';

/** Pictures and what they are. */
export interface JudgeArrays {
  /** [N, side, side, 3] from -1 to 1. */
  readonly images: Float32Array;
  readonly side: number;
  /** Numbers of the styles; -1 for a style that is not to be told. */
  readonly styles: Int32Array;
  /** Numbers of the subjects. */
  readonly subjects: Int32Array;
}

/** {@link JudgeArrays} in the engine. */
export type JudgeBatch = {
  readonly images: tf.Tensor4D;
  readonly styles: tf.Tensor1D;
  readonly subjects: tf.Tensor1D;
  /** Pictures of the whole step, and those with a style. */
  readonly counts: { readonly style: tf.Scalar; readonly subject: tf.Scalar };
};

/** A judge that can be trained. */
export type JudgeModel = TrainableModel<JudgeParams, JudgeArrays, JudgeBatch>;

/** Share of the target that is spread over all classes (Szegedy et al. 2016, section 7). */
const SMOOTHING = 0.1;

/** Styles are four, and soon told; subjects are what the capacity is for. */
const STYLE_WEIGHT = 0.5;

/** The cross-entropies of subjects and styles, each a mean over the pictures that have one. */
export function judgeModel(network: JudgeNetwork): JudgeModel {
  return {
    init: (rng) => network.init(rng),
    loss: (params, { images, styles, subjects, counts }) => {
      const logits = network.logits(params, images);
      const aux = {
        subject: smoothedCrossEntropy(logits.subject, subjects),
        style: smoothedCrossEntropy(logits.style, styles),
      };
      const loss = aux.subject.div(counts.subject).add(aux.style.div(counts.style).mul(STYLE_WEIGHT));
      return { loss: loss as tf.Scalar, aux };
    },
    lossCounts: (batches) => ({
      subject: countOf(batches, ({ subjects }) => subjects.length),
      style: countOf(batches, ({ styles }) => styles.filter((style) => style >= 0).length),
    }),
    batchTensors: ({ images, side, styles, subjects }, counts) => ({
      images: tf.tensor4d(images, [subjects.length, side, side, 3]),
      styles: tf.tensor1d(styles, 'int32'),
      subjects: tf.tensor1d(subjects, 'int32'),
      counts: { style: tf.scalar(Math.max(1, counts.style)), subject: tf.scalar(counts.subject) },
    }),
    batchSizes: (batches) => {
      const documents = countOf(batches, ({ subjects }) => subjects.length);
      return { documents, elements: documents, fill: 1 };
    },
  };
}

function countOf(batches: readonly JudgeArrays[], count: (batch: JudgeArrays) => number): number {
  return batches.reduce((sum, batch) => sum + count(batch), 0);
}

/** Summed over the rows whose target is not negative. */
function smoothedCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  const [, V] = logits.shape;
  const isGiven = tf.cast(targets.greaterEqual(0), 'float32');
  const expected = tf
    .oneHot(tf.relu(targets), V)
    .mul(1 - SMOOTHING)
    .add(SMOOTHING / V);
  return tf.logSoftmax(logits).mul(expected).sum(-1).neg().mul(isGiven).sum() as tf.Scalar;
}
