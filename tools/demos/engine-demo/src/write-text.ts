/** Generates text with a character transformer, sampling one character at a time. */
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { CharTransformer } from './char-transformer.js';
import type { Random } from './seeded-random.js';

export interface WriteTextOptions {
  readonly length: number;
  /** Below 1 the likely becomes likelier. */
  readonly temperature: number;
  readonly random: Random;
}

/**
 * @param prompt at least `seqLen` characters' codes, of which the last ones are used
 * @returns the codes of what follows it
 */
export function writeText(model: CharTransformer, prompt: Int32Array, options: WriteTextOptions): Int32Array {
  const { length, temperature, random } = options;
  const { seqLen, vocabSize } = model.config;
  const predictNext = jit(
    (window: tf.Tensor2D) => {
      const last = model.logits(window).slice([0, seqLen - 1, 0], [1, 1, vocabSize]);
      return tf.softmax(last.flatten().div(temperature));
    },
    { name: 'predictNext' },
  );
  const text = new Int32Array(seqLen + length);
  text.set(prompt.subarray(prompt.length - seqLen));
  for (let position = seqLen; position < text.length; position++) {
    const window = tf.tensor2d(text.slice(position - seqLen, position), [1, seqLen], 'int32');
    const probabilities = predictNext(window);
    text[position] = sampleIndex(probabilities.dataSync(), random);
    tf.dispose([window, probabilities]);
  }
  predictNext.dispose();
  return text.subarray(seqLen);
}

function sampleIndex(probabilities: ArrayLike<number>, random: Random): number {
  let remaining = random();
  for (let index = 0; index < probabilities.length - 1; index++) {
    remaining -= probabilities[index]!;
    if (remaining < 0) return index;
  }
  return probabilities.length - 1;
}
