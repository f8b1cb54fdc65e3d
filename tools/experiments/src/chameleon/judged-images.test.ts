import { featureStatistics, type GenerationTask } from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';
import { expect, test } from 'vitest';
import type { LabeledImage } from '../emoji-set.js';
import { judgedImages, type JudgedImage } from './judged-images.js';

const gray = (value: number): RgbImage => ({ width: 1, height: 1, data: new Uint8Array(3).fill(value) });

const images: LabeledImage[] = ['apple', 'pear', 'plum'].map((subject, i) => ({
  image: gray(i),
  subject,
  style: 'noto',
  caption: `${subject}, noto`,
}));

/** Takes the gray value for the number of the subject. */
const judge = async (shown: readonly RgbImage[]) =>
  shown.map(({ data: [value] }) => ({
    style: value === 0 ? 'noto' : 'other',
    subjects: [images[value].subject, 'plum'],
  }));

/** Two features of an image; their places do not start at a whole number of bytes of a shared buffer. */
const extract = async (shown: readonly RgbImage[]) =>
  shown.map(({ data: [value] }) => Float32Array.of(9, value, value ** 2).subarray(1));

test('images are judged by their captions, and keep their features', async () => {
  const real = featureStatistics();
  for (const vector of await extract(images.map(({ image }) => image))) real.add(vector);
  const features = { extract, real: real.result() };
  const evaluator = judgedImages({ judge, images, features });
  const prompts: GenerationTask[] = [];
  async function* generate(tasks: AsyncIterable<GenerationTask>) {
    for await (const task of tasks) {
      prompts.push(task);
      // The first is right, the others show the pear.
      yield gray(task.seed === 0 ? 0 : 1);
    }
  }
  async function* examples() {
    yield* images;
  }
  const results: JudgedImage[] = [];
  for await (const { result } of evaluator.evaluate({ generate }, examples())) results.push(result);
  expect(prompts.map(({ prompt, output, seed }) => [prompt[0].value, output, seed])).toEqual(
    images.map(({ caption }, i) => [caption, 'image', i]),
  );
  const stored = JSON.parse(JSON.stringify(results)) as JudgedImage[];
  const metrics = await evaluator.summarize(stored);
  const figures = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  expect(figures).toMatchObject({ 'image style': 1 / 3, 'image subject': 2 / 3, 'image subject of 5': 1 });
  // Means (1/3, 1/3) ≠ (1, 5/3); equal images have the distance 0.
  expect(figures['Fréchet']).toBeGreaterThan(1);
  const [first] = results;
  const same = await evaluator.summarize(
    (await extract(images.map(({ image }) => image))).map((vector) => ({
      ...first,
      features: Buffer.from(new Float32Array(vector).buffer).toString('base64'),
    })),
  );
  expect(same.find(({ name }) => name === 'Fréchet')!.value).toBeCloseTo(0, 6);
  expect(metrics.map(({ count }) => count)).toEqual([3, 3, 3, 3]);
});
