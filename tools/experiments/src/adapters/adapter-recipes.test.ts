import type { LatentCodec } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { createModel } from '@transfusion/recipes';
import { expect, test } from 'vitest';
import { adapterNames, adapterRecipe, stepFlops } from './adapter-recipes.js';

const codec: LatentCodec<RgbImage> = {
  id: 'none',
  encode: () => Promise.reject(new Error('not asked for')),
  decode: () => Promise.reject(new Error('not asked for')),
};

test('runs of one transformer, seed and compute', { timeout: 120_000 }, () => {
  const flops = 50e12;
  const recipes = adapterNames.map((name) => adapterRecipe(name, flops, { codec, cache: 'none', seed: 7 }));
  for (const recipe of recipes) {
    expect(recipe.seed).toBe(7);
    expect(recipe.transformer).toEqual(recipes[0].transformer);
    expect(recipe.optimizer).toMatchObject({ learningRate: recipes[0].optimizer.learningRate });
    expect(createModel(recipe).vocabulary.size).toBe(createModel(recipes[0]).vocabulary.size);
    expect(Math.abs(recipe.totalSteps * stepFlops(recipe) - flops)).toBeLessThan(stepFlops(recipe));
  }
  const steps = recipes.map(({ totalSteps }) => totalSteps);
  expect(steps[1]).toBeGreaterThan(steps[2]);
  expect(steps[3]).toBeGreaterThan(steps[1]);
  // What is said of the U-Nets: a step costs 16 % more, and a quarter less.
  expect(stepFlops(recipes[2]) / stepFlops(recipes[1])).toBeCloseTo(1.16, 1);
  expect(stepFlops(recipes[3]) / stepFlops(recipes[1])).toBeCloseTo(0.75, 1);
});
