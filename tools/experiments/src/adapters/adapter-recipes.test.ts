import type { LatentCodec } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { createModel } from '@transfusion/runs';
import { expect, test } from 'vitest';
import { adapterNames, adapterRecipe, stepFlops } from './adapter-recipes.js';
import { adapterSetups } from './adapter-setups.js';

const codec: LatentCodec<RgbImage> = {
  id: 'none',
  encode: () => Promise.reject(new Error('not asked for')),
  decode: () => Promise.reject(new Error('not asked for')),
};

test.each([
  // The cost of a U-Net's step relative to the linear adapter's, as stated in the README.
  ['small', [1.3]],
  ['emoji', [1.16, 0.75]],
] as const)('runs of setup %s: one transformer, seed and compute', { timeout: 120_000 }, (name, unets) => {
  const flops = 50e12;
  const setup = adapterSetups[name];
  const recipes = adapterNames(setup).map((adapter) =>
    adapterRecipe(adapter, flops, { setup, codec, seed: 7 }),
  );
  for (const recipe of recipes) {
    expect(recipe.seed).toBe(7);
    expect(recipe.transformer).toEqual(recipes[0].transformer);
    expect(recipe.optimizer).toMatchObject({ learningRate: recipes[0].optimizer.learningRate });
    expect(createModel(recipe).vocabulary.size).toBe(createModel(recipes[0]).vocabulary.size);
    expect(Math.abs(recipe.totalSteps * stepFlops(recipe) - flops)).toBeLessThan(stepFlops(recipe));
  }
  const [, ofLinear, ...ofUnets] = recipes.map(stepFlops);
  expect(ofUnets).toHaveLength(unets.length);
  for (const [i, ratio] of unets.entries()) expect(ofUnets[i] / ofLinear).toBeCloseTo(ratio, 1);
});
