import * as tf from '@tensorflow/tfjs';
import type { RgbImage } from '@transfusion/modality-image';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { JudgeNetwork, JudgeParams } from './judge-network.js';

/** Who drew a picture and what it shows, as far as the judge can tell. */
export interface Judgement {
  readonly style: string;
  /** The likeliest subjects, the likeliest first. */
  readonly subjects: readonly string[];
}

/** Judges square pictures of the side it was trained with. */
export type Judge = (pictures: readonly RgbImage[]) => Promise<Judgement[]>;

/** The classes by their numbers. */
export interface JudgeClasses {
  readonly styles: readonly string[];
  readonly subjects: readonly string[];
}

/** How many subjects a judgement names. */
const NUM_SUBJECTS = 5;

/** Pictures that go through the network together. */
const BATCH = 32;

/** The network as a judge; `params` must live as long as it does. */
export function createJudge(network: JudgeNetwork, params: JudgeParams, classes: JudgeClasses): Judge {
  const logitsOf = jit((weights: JudgeParams, images: tf.Tensor4D) => network.logits(weights, images), {
    name: 'judge',
  });
  const judgeBatch = async (pictures: readonly RgbImage[]): Promise<Judgement[]> => {
    const { width, height, data } = pictures[0];
    const pixels = new Float32Array(BATCH * data.length);
    pictures.forEach((picture, i) => {
      pixels.set(
        Float32Array.from(picture.data, (value) => value / 127.5 - 1),
        i * data.length,
      );
    });
    const images = tf.tensor4d(pixels, [BATCH, height, width, 3]);
    const logits = logitsOf(params, images);
    const [styles, subjects] = await Promise.all([logits.style.data(), logits.subject.data()]);
    tf.dispose([images, logits.style, logits.subject]);
    return pictures.map((_, i) => ({
      style: likeliest(rowOf(styles, i, classes.styles.length), classes.styles, 1)[0],
      subjects: likeliest(rowOf(subjects, i, classes.subjects.length), classes.subjects, NUM_SUBJECTS),
    }));
  };
  return async (pictures) => {
    const judgements: Judgement[] = [];
    for (let from = 0; from < pictures.length; from += BATCH) {
      judgements.push(...(await judgeBatch(pictures.slice(from, from + BATCH))));
    }
    return judgements;
  };
}

function rowOf(values: ArrayLike<number>, row: number, length: number): number[] {
  return Array.from({ length }, (_, i) => values[row * length + i]);
}

function likeliest(logits: readonly number[], names: readonly string[], count: number): string[] {
  const order = [...names.keys()].sort((a, b) => logits[b] - logits[a]);
  return order.slice(0, count).map((index) => names[index]);
}
