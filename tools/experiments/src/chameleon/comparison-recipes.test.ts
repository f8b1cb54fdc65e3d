import type { LatentCodec } from '@transfusion/modality';
import type { ImageTokens, RgbImage } from '@transfusion/modality-image';
import { createModel } from '@transfusion/runs';
import { expect, test } from 'vitest';
import { stepFlops } from '../adapters/adapter-recipes.js';
import { comparedModels, comparisonRecipe } from './comparison-recipes.js';

const notAsked = () => Promise.reject(new Error('not asked for'));

const codec: LatentCodec<RgbImage> = { id: 'none', encode: notAsked, decode: notAsked };

const imageModality: ImageTokens = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'image',
  id: 'vq none',
  config: { type: 'image-tokens', gridSize: [8, 8] },
  vocabSize: 1024,
  tokensPerValue: 64,
  gridSize: [8, 8],
  accepts: (value): value is RgbImage => value !== undefined,
  assets: notAsked,
  encode: notAsked,
  decode: notAsked,
  dispose: () => undefined,
};

test('runs have one transformer but for the place of its norms, one seed, data and compute', async () => {
  const flops = 5e12;
  const [transfusion, chameleon] = comparedModels.map((name) =>
    comparisonRecipe(name, flops, { codec, imageModality, seed: 7 }),
  );
  for (const recipe of [transfusion, chameleon]) {
    expect(recipe.seed).toBe(7);
    expect(Math.abs(recipe.totalSteps * stepFlops(recipe) - flops)).toBeLessThan(stepFlops(recipe));
  }
  expect(chameleon.transformer).toEqual({ ...transfusion.transformer, normPosition: 'post' });
  expect(chameleon.zLossWeight).toBe(1e-5);
  expect(chameleon.batch.numRows).toBe(transfusion.batch.numRows);
  // The codes of images, in place of two markers.
  expect(createModel(chameleon).vocabulary.size).toBe(createModel(transfusion).vocabulary.size + 1024 - 2);
  // The cost of a step, as stated in the README.
  expect(stepFlops(chameleon) / stepFlops(transfusion)).toBeCloseTo(2.5, 1);
});
