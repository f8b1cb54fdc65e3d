import type { RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn/rng';
import { describe, expect, test } from 'vitest';
import { joinShards, runEvaluator } from '../contract/run-evaluator.js';
import type { Predictors } from '../contract/predictors.js';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeatureExtractor } from './feature-extractor.js';
import { imageDistances, type ImageDistancesExample } from './image-distances.js';

const noise = (seed: number, level: number): RgbImage => ({
  width: 4,
  height: 4,
  data: Uint8Array.from(createRng(seed).normals(48), (value) =>
    Math.min(255, Math.max(0, level + 40 * value)),
  ),
});
const examples: readonly ImageDistancesExample[] = Array.from({ length: 30 }, (_, i) => ({
  prompt: [{ modality: 'text', value: `image ${i}` }],
  reference: noise(i, 128),
}));
/** The mean of each color channel. */
const features: FeatureExtractor = {
  provenance: { features: 'mean color' },
  extract: async (images) =>
    images.map(({ data }) =>
      Float32Array.from([0, 1, 2], (c) => data.reduce((sum, x, i) => (i % 3 === c ? sum + x / 16 : sum), 0)),
    ),
};
const generator = (image: (seed: number) => unknown): Partial<Predictors> => ({
  generate: async function* (tasks) {
    for await (const { seed } of tasks) yield image(seed);
  },
});
const faithful = generator((seed) => noise(1000 + seed, 128));
const dark = generator((seed) => noise(1000 + seed, 60));
const create = (options: object = {}) => imageDistances({ examples: () => examples, features, ...options });
const values = (metrics: readonly { name: string; value: number }[]) =>
  Object.fromEntries(metrics.map(({ name, value }) => [name, value]));

test('tells good images from bad ones by each metric', async () => {
  const evaluator = await create();
  const good = await runEvaluator(evaluator as never, faithful, { subject: 'good' });
  const bad = await runEvaluator(evaluator as never, dark, { subject: 'bad' });
  expect(good.metrics.map(({ name, count }) => [name, count])).toEqual([
    ['Fréchet distance', 30],
    ['kernel distance', 30],
    ['precision', 30],
    ['recall', 30],
  ]);
  const [of, ofBad] = [values(good.metrics), values(bad.metrics)];
  expect(ofBad['Fréchet distance']).toBeGreaterThan(10 * of['Fréchet distance']);
  expect(ofBad['kernel distance']).toBeGreaterThan(0);
  expect(of['precision']).toBeGreaterThan(0.8);
  expect(ofBad['precision']).toBe(0);
  expect(ofBad['recall']).toBe(0);
  for (const { name, interval } of good.metrics) {
    if (name !== 'Fréchet distance') expect(interval, name).toHaveLength(2);
  }
  expect(good.provenance).toMatchObject({
    features: 'mean color',
    referenceSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    numImages: 30,
    seed: 0,
    numNeighbors: 3,
  });
});

test('the reference images themselves are at distance 0', async () => {
  const evaluator = await create();
  const { metrics } = await runEvaluator(
    evaluator as never,
    generator((seed) => examples[seed].reference),
    { subject: 'copy' },
  );
  expect(values(metrics)).toMatchObject({ 'Fréchet distance': 0, precision: 1, recall: 1 });
});

test('shards have the metrics of the whole', async () => {
  const evaluator = await create();
  const whole = await runEvaluator(evaluator as never, faithful, { subject: 's' });
  const folder = await mkdtemp(join(tmpdir(), 'distances-'));
  const paths = [0, 1].map((index) => join(folder, `${index}`));
  for (const [index, path] of paths.entries()) {
    await runEvaluator(evaluator as never, faithful, { subject: 's', path, shard: { index, count: 2 } });
  }
  expect((await joinShards(evaluator as never, paths)).metrics).toEqual(whole.metrics);
});

test('a file of statistics takes the place of reference images', async () => {
  const mean = Float64Array.of(128, 128, 128);
  const covariance = Float64Array.of(100, 0, 0, 0, 100, 0, 0, 0, 100);
  const reference = { mean, covariance, hash: 'abc' };
  const evaluator = await create({ reference, examples: () => examples.map(({ prompt }) => ({ prompt })) });
  const { metrics, provenance } = await runEvaluator(evaluator as never, dark, { subject: 'dark' });
  expect(metrics.map(({ name }) => name)).toEqual(['Fréchet distance']);
  expect(metrics[0].value).toBeGreaterThan(3 * 60 ** 2);
  expect(provenance).toMatchObject({ referenceSha256: 'abc' });
});

test('hashes change with the references and the prompts', async () => {
  const hashOf = async (changed: object) =>
    (await create({ examples: () => [{ ...examples[0], ...changed }] })).provenance['referenceSha256'];
  const hashes = [{}, { reference: noise(9, 128) }, { prompt: [] }].map(hashOf);
  expect(new Set(await Promise.all(hashes)).size).toBe(3);
});

describe('refuses', () => {
  const run = async (options: object, predict = faithful, limit?: number) =>
    runEvaluator((await create(options)) as never, predict, { subject: 's', limit });

  test('too few images', async () => {
    await expect(run({}, faithful, 1)).rejects.toThrow(
      'image-distances: found 1 image, expected at least 2 for a covariance. Evaluate more examples',
    );
    await expect(run({}, faithful, 3)).rejects.toThrow('the first set has 3 vectors, expected at least 4');
  });

  test('what is not an image', async () => {
    await expect(
      run(
        {},
        generator(() => 'text'),
      ),
    ).rejects.toThrow('image-distances: image 0 is not an RgbImage');
  });

  test('examples without references', async () => {
    await expect(create({ examples: () => [examples[0], { prompt: [] }] })).rejects.toThrow(
      'image-distances, example 1: image 0 is not an RgbImage',
    );
  });

  test('a feature extractor that loses images', async () => {
    const lossy = { ...features, extract: async () => [Float32Array.of(1)] };
    await expect(run({ features: lossy })).rejects.toThrow(
      'returned 1 vectors for 16 images, expected one per image',
    );
  });

  test('statistics of another network', async () => {
    const reference = { mean: new Float64Array(2), covariance: new Float64Array(4), hash: 'abc' };
    await expect(run({ reference })).rejects.toThrow(
      'the statistics have 3 and 2 features, expected equal numbers',
    );
  });
});
