import * as tf from '@transfusion/tfjs';
import type { RgbImage } from '@transfusion/modality-image';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { ClassifierParams, ImageClassifier } from './image-classifier.js';

/** The predicted style and subjects of an image. */
export interface Judgment {
  readonly style: string;
  /** The most likely subjects, in descending order. */
  readonly subjects: readonly string[];
}

/** Predicts styles and subjects of square images of the side that it was trained on. */
export type Judge = (images: readonly RgbImage[]) => Promise<Judgment[]>;

/** A trained classifier and the names of its classes. */
export interface TrainedClassifier {
  readonly classifier: ImageClassifier;
  readonly params: ClassifierParams;
  /** By class index. */
  readonly names: readonly string[];
}

/** Number of subjects in a judgment. */
const NUM_SUBJECTS = 5;

/** Batch size of the networks. */
const BATCH = 32;

/** Creates a judge from two classifiers; their parameters must live as long as it does. */
export function createJudge(style: TrainedClassifier, subject: TrainedClassifier): Judge {
  const [styleOf, subjectOf] = [style, subject].map(topClasses);
  return async (images) => {
    const judgments: Judgment[] = [];
    for (let from = 0; from < images.length; from += BATCH) {
      const batch = images.slice(from, from + BATCH);
      const [styles, subjects] = await Promise.all([styleOf(batch, 1), subjectOf(batch, NUM_SUBJECTS)]);
      judgments.push(...batch.map((_, i) => ({ style: styles[i][0], subjects: subjects[i] })));
    }
    return judgments;
  };
}

/** Returns the names of each image's most likely classes, in descending order. */
function topClasses({ classifier, params, names }: TrainedClassifier) {
  const logitsOf = jit(
    (weights: ClassifierParams, images: tf.Tensor4D) => classifier.logits(weights, images),
    { name: 'classifier' },
  );
  return async (images: readonly RgbImage[], count: number): Promise<string[][]> => {
    const { width, height, data } = images[0];
    const pixels = new Float32Array(BATCH * data.length);
    images.forEach((image, i) => {
      pixels.set(
        Float32Array.from(image.data, (value) => value / 127.5 - 1),
        i * data.length,
      );
    });
    const batch = tf.tensor4d(pixels, [BATCH, height, width, 3]);
    const logits = logitsOf(params, batch);
    const values = await logits.data();
    tf.dispose([batch, logits]);
    return images.map((_, i) => topNames(rowOf(values, i, names.length), names, count));
  };
}

function rowOf(values: ArrayLike<number>, row: number, length: number): number[] {
  return Array.from({ length }, (_, i) => values[row * length + i]);
}

function topNames(logits: readonly number[], names: readonly string[], count: number): string[] {
  const order = [...names.keys()].sort((a, b) => logits[b] - logits[a]);
  return order.slice(0, count).map((index) => names[index]);
}
