import { describe, expect, it } from 'vitest';
import type { RgbImage } from '@transfusion/modality-image';
import type { Evaluator } from '../contract/evaluator.js';
import type { Predictors } from '../contract/predictors.js';
import { runEvaluator } from '../contract/run-evaluator.js';
import { evaluatorChecks } from '../testing.js';
import { imagePairScores, type ImagePairExample, type ImagePairScoresOptions } from './image-pair-scores.js';
import { multiScaleSimilarity } from './multi-scale-similarity.js';
import { peakSignalToNoise } from './peak-signal-to-noise.js';
import { structuralSimilarity } from './structural-similarity.js';

const SIDE = 16;
const made = (seed: number, side = SIDE): RgbImage => ({
  width: side,
  height: side,
  data: Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7 + ((i * seed) % 13) * 9) % 256),
});
const changed = (image: RgbImage, amount: number): RgbImage => ({
  ...image,
  data: image.data.map((value, i) => (i < image.data.length / 2 ? Math.min(255, value + amount) : value)),
});
const targets = [1, 2, 3, 4].map((seed) => made(seed));
const generated = targets.map((target, i) => changed(target, 20 * i));
/** The lower half, which is as in the target. */
const lowerHalf = {
  width: SIDE,
  height: SIDE,
  data: Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i < (SIDE * SIDE) / 2 ? 0 : 255)),
};
const edits: ImagePairExample[] = targets.map((target, i) => ({
  prompt: [
    { modality: 'image', value: made(i + 10) },
    { modality: 'text', value: 'darker' },
  ],
  target,
}));
const inpaintings = targets.map((target) => ({ prompt: [], target, mask: lowerHalf }));

const tasks: unknown[] = [];
const model = (images: readonly unknown[] = generated): Predictors => {
  async function* predict(requests: AsyncIterable<{ readonly seed: number }>) {
    for await (const task of requests) {
      tasks.push(task);
      yield images[task.seed];
    }
  }
  const unused = (): never => expect.fail('not needed');
  return { generate: predict, inpaint: predict, logLikelihood: unused, rollingLogLikelihood: unused };
};
const run = (options: Partial<ImagePairScoresOptions> = {}, predict = model()) =>
  runEvaluator(
    imagePairScores({ name: 'edits', task: 'generate', examples: () => edits, ...options }) as Evaluator,
    predict,
    { subject: 'a model' },
  );
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value) / values.length;

it.each([
  ...evaluatorChecks(
    imagePairScores({ name: 'edits', task: 'generate', examples: () => edits }) as Evaluator,
    { predict: model() },
  ),
  ...evaluatorChecks(
    imagePairScores({ name: 'inpainting', task: 'inpaint', examples: () => inpaintings }) as Evaluator,
    { predict: model() },
  ),
])('$name', ({ run: check }) => check());

it('compares edits with their targets; equal images have 100 dB', async () => {
  tasks.length = 0;
  const { metrics, provenance } = await run();
  const psnr = generated.map((image, i) => Math.min(100, peakSignalToNoise(image, targets[i])));
  expect(psnr[0]).toBe(100);
  expect(metrics.map(({ name, count }) => [name, count])).toEqual([
    ['PSNR', 4],
    ['SSIM', 4],
    ['1 - MS-SSIM', 4],
  ]);
  expect(metrics[0].value).toBeCloseTo(mean(psnr), 10);
  expect(metrics[1].value).toBeCloseTo(
    mean(generated.map((image, i) => structuralSimilarity(image, targets[i]))),
    12,
  );
  expect(metrics[2].value).toBeCloseTo(
    mean(generated.map((image, i) => 1 - multiScaleSimilarity(image, targets[i]))),
    12,
  );
  for (const { interval, value } of metrics) expect(interval![0]).toBeLessThan(value);
  expect(tasks[2]).toEqual({ prompt: edits[2].prompt, output: 'image', seed: 2 });
  expect(provenance).toEqual({ perceptual: '1 - MS-SSIM', seed: 0 });
});

it('compares inpainted images, and what is in the mask', async () => {
  tasks.length = 0;
  const { metrics } = await run({ name: 'inpainting', task: 'inpaint', examples: () => inpaintings });
  expect(metrics.map(({ name }) => name)).toEqual(['PSNR', 'PSNR in the mask', 'SSIM', '1 - MS-SSIM']);
  expect(metrics[0].value).toBeLessThan(60);
  expect(metrics[1].value).toBe(100);
  const known = { modality: 'image', value: targets[1] };
  expect(tasks[1]).toEqual({ prompt: [], known, mask: lowerHalf, seed: 1 });
  const upperHalf = { ...lowerHalf, data: lowerHalf.data.map((value) => 255 - value) };
  const examples = () => targets.slice(1).map((target) => ({ prompt: [], target, mask: upperHalf }));
  const inMask = await run({ task: 'inpaint', examples }, model(generated.slice(1)));
  // All of the error is in half of the pixels.
  expect(inMask.metrics[1].value).toBeCloseTo(inMask.metrics[0].value - 10 * Math.log10(2), 10);
});

it('takes another distance, and shows prompt, image and target', async () => {
  const perceptual = { name: 'brightness', distance: async () => 0.5 };
  const evaluator = imagePairScores({ name: 'edits', task: 'generate', examples: () => edits, perceptual });
  const shown: unknown[] = [];
  const { metrics } = await runEvaluator(evaluator as Evaluator, model(), {
    subject: 'a model',
    show: async (_, values) => shown.push(values.map(({ label }) => label)),
  });
  expect(metrics[2]).toMatchObject({ name: 'brightness', value: 0.5, betterIs: 'lower' });
  expect(shown[0]).toEqual(['prompt', 'prompt', 'generated', 'target']);
});

describe('refuses', () => {
  it.each<[unknown, string]>([
    [made(1, 12), 'edits: example 0: the generated image has 12 × 12 pixels, expected 16 × 16'],
    ['image', 'edits: example 0: the model generated a value of type string, expected an RgbImage'],
    [
      { ...made(1), data: new Float32Array(SIDE * SIDE * 3).fill(NaN) },
      'edits: example 0: the model generated a value of type object, expected an RgbImage of 8-bit values',
    ],
  ])('to compare %o', async (image, message) => {
    await expect(run({}, model([image]))).rejects.toThrow(message);
  });

  it.each<[object, string]>([
    [
      { target: made(1, 10) },
      'edits: example 1: the target is 10 × 10 pixels, expected an RgbImage of at least',
    ],
    [{ target: null }, 'edits: example 1: the target is object, expected an RgbImage'],
    [{ mask: undefined }, 'edits: example 1: the mask is missing, expected 16 × 16'],
    [{ mask: { ...lowerHalf, width: 5 } }, 'edits: example 1: the mask has 5 × 16 pixels, expected 16 × 16'],
    [{ mask: { ...lowerHalf, data: new Uint8Array(SIDE * SIDE) } }, 'with values above 127'],
  ])('the example %o', async (fields, message) => {
    const examples = () => [inpaintings[0], { ...inpaintings[1], ...fields }] as ImagePairExample[];
    await expect(run({ task: 'inpaint', examples })).rejects.toThrow(message);
  });

  it('a distance that is no number', async () => {
    const perceptual = { name: 'features', distance: () => NaN };
    await expect(run({ perceptual })).rejects.toThrow("edits: example 0: the distance 'features' is NaN");
  });
});
