/** Checks everything that training needs, in seconds: `npm test`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSource } from '@transfusion/data';
import { selectEngine } from '@transfusion/engine';
import { textToImage } from '@transfusion/pipelines';
import { loadModel, runRecipe } from '@transfusion/runs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRecipe } from './recipe.js';
import { writeShapes } from './shapes.js';

let temporary: string;
let images: string;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'new-app-'));
  images = join(temporary, 'images');
  await writeShapes(images, 20);
});
afterAll(() => rm(temporary, { recursive: true }));

test('every image can be read, and one of ten is for validation', async () => {
  const { modalities, sources, validation } = await createRecipe({ folder: images });
  const [[train], [held]] = [await sources(), await validation!()];
  expect(await checkSource(train.source, { modalities })).toMatchObject({ documents: 18, skipped: 0 });
  expect(await checkSource(held.source, { modalities })).toMatchObject({ documents: 2, skipped: 0 });
});

test('trains two steps, and generates with the result', { timeout: 120_000 }, async () => {
  await selectEngine('auto');
  const recipe = await createRecipe({ folder: images, totalSteps: 2 });
  const directory = join(temporary, 'run');
  const losses: number[] = [];
  await runRecipe({ ...recipe, samples: undefined }, { directory, onStep: ({ loss }) => losses.push(loss) });
  expect(losses).toHaveLength(2);
  expect(losses.every(Number.isFinite)).toBe(true);

  const trained = await loadModel(directory, recipe.modalities);
  const [image] = await textToImage(trained, ['a red circle on white'], { numInferenceSteps: 2 });
  expect([image.width, image.height]).toEqual([32, 32]);
  trained.dispose();
});
