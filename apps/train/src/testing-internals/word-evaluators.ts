/** A file of evaluators like a user's: the brightness of images of words, and the length of their captions. */
import { meanMetric, type Evaluator } from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';

interface Example {
  readonly word: string;
  readonly seed: number;
}

const examples = (): Example[] => ['red', 'green', 'blue', 'red'].map((word, seed) => ({ word, seed }));

const brightness: Evaluator<'generate', Example, { mean: number }> = {
  specificationVersion: 'v1',
  name: 'brightness',
  needs: ['generate'],
  provenance: { words: 4 },
  examples,
  async *evaluate({ generate }, all) {
    async function* tasks() {
      for await (const { word, seed } of all) {
        yield { prompt: [{ modality: 'text', value: word }], output: 'image', seed };
      }
    }
    for await (const image of generate(tasks())) {
      const { data } = image as RgbImage;
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length / 255;
      yield { result: { mean }, shown: [{ label: 'an <image>', modality: 'image', value: image }] };
    }
  },
  summarize: (results) => [
    meanMetric(
      'mean',
      results.map(({ mean }) => mean),
      { unit: 'share', betterIs: 'higher' },
    ),
    { name: 'brightest', value: Math.max(...results.map(({ mean }) => mean)), count: results.length },
  ],
};

const numWords: Evaluator<never, Example, { length: number }> = {
  specificationVersion: 'v1',
  name: 'word-lengths',
  needs: [],
  provenance: {},
  examples,
  async *evaluate(_, all) {
    for await (const { word } of all) yield { result: { length: word.length } };
  },
  summarize: (results) => [
    meanMetric(
      'length',
      results.map(({ length }) => length),
    ),
  ],
};

export const evaluators = [brightness, numWords];
