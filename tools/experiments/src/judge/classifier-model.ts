/** A classifier with its loss: implements the trainer's `TrainableModel`. */
import * as tf from '@transfusion/tfjs';
import type { TrainableModel } from '@transfusion/trainer';
import type { ClassifierParams, ImageClassifier } from './image-classifier.js';

/** Images with their labels. */
export interface ClassifierArrays {
  /** [N, side, side, 3] from -1 to 1. */
  readonly images: Float32Array;
  readonly side: number;
  /** Indices of the classes. */
  readonly labels: Int32Array;
}

/** {@link ClassifierArrays} as tensors. */
export type ClassifierBatch = {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D;
  /** Number of images of the whole step. */
  readonly count: tf.Scalar;
};

/** A classifier that can be trained. */
export type ClassifierModel = TrainableModel<ClassifierParams, ClassifierArrays, ClassifierBatch>;

/** Share of the target that is spread over all classes (Szegedy et al. 2016, section 7). */
const SMOOTHING = 0.1;

/** Adds the loss to a classifier: the mean cross-entropy with label smoothing. */
export function classifierModel(classifier: ImageClassifier): ClassifierModel {
  const { numClasses } = classifier.config;
  return {
    init: (rng) => classifier.init(rng),
    loss: (params, { images, labels, count }) => {
      const expected = tf
        .oneHot(labels, numClasses)
        .mul(1 - SMOOTHING)
        .add(SMOOTHING / numClasses);
      const sum = tf.logSoftmax(classifier.logits(params, images)).mul(expected).sum().neg() as tf.Scalar;
      return { loss: sum.div(count) as tf.Scalar, aux: { label: sum } };
    },
    lossCounts: (batches) => ({ label: numImages(batches) }),
    batchTensors: ({ images, side, labels }, counts) => ({
      images: tf.tensor4d(images, [labels.length, side, side, 3]),
      labels: tf.tensor1d(labels, 'int32'),
      count: tf.scalar(counts.label),
    }),
    batchSizes: (batches) => ({ documents: numImages(batches), elements: numImages(batches), fill: 1 }),
  };
}

function numImages(batches: readonly ClassifierArrays[]): number {
  return batches.reduce((sum, { labels }) => sum + labels.length, 0);
}
