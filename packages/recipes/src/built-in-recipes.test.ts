import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentSource } from '@transfusion/data';
import { pixelCodec } from '@transfusion/modality-image';
import { byteTokenizer } from '@transfusion/modality-text';
import type { Recipe } from '@transfusion/runs';
import { expect, test } from 'vitest';
import { builtInRecipes, type BuiltInSettings } from './built-in-recipes.js';
import { paper, paperMixture } from './paper.js';

async function builtIn(name: string, settings: BuiltInSettings = {}): Promise<Recipe> {
  return builtInRecipes.get(name)!.create(settings);
}

test.each([...builtInRecipes.keys()])('%s is built, and is named so', async (name) => {
  expect((await builtIn(name, { data: import.meta.filename })).name).toBe(name);
});

test('text-only reads its file', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'text-only-')), 'book.txt');
  await writeFile(file, 'One paragraph.\n\nAnother one.\n');
  const [{ source }] = await (await builtIn('text-only', { data: file })).sources();
  expect(source.length).toBe(2);
});

test.each([
  [undefined, 'no file is given'],
  ['none.txt', "there is no file 'none.txt'"],
])('text-only requires a file: %s', (data, found) => {
  expect(() => builtInRecipes.get('text-only')!.create({ data })).toThrow(
    `recipe 'text-only' trains on a text file, but ${found}. Pass one: transfusion train text-only --data book.txt`,
  );
});

test("the paper's run is the paper's", async () => {
  const recipe = await builtIn('paper-7b');
  const [image] = recipe.modalities.continuous;
  expect(recipe.transformer).toMatchObject({ numLayers: 32, modelDim: 4096, numHeads: 32 });
  expect(image).toMatchObject({ lossWeight: 5, latentShapes: [[32, 32, 8]] });
  expect(image.spanLength([32, 32, 8])).toBe(256);
  expect(image.diffusion).toMatchObject({ name: 'ddpm', predictionType: 'epsilon', numTrainTimesteps: 1000 });
  const { numRows, rowLength, microBatches } = recipe.batch;
  expect(numRows * rowLength * microBatches).toBe(2 ** 21);
  expect(recipe.optimizer).toMatchObject({ learningRate: 3e-4, beta2: 0.95, emaDecay: 0.999 });
});

test("the paper's run asks for what no package holds", async () => {
  const recipe = await builtIn('paper-0.16b');
  const { missing } = builtInRecipes.get('paper-0.16b')!;
  expect(missing).toContain("recipe 'paper-0.16b' lacks a tokenizer, an image codec and data.");
  expect(missing).toContain("paper('0.16b', { … })");
  expect(() => recipe.sources()).toThrow(missing);
  const { codec } = recipe.modalities.continuous[0];
  await expect(codec.encode([])).rejects.toThrow(missing);
});

test("the paper's run takes the caller's data", async () => {
  const source: DocumentSource = {
    name: 'none',
    length: 1,
    locate: () => 'record 0',
    read: async () => ({ segments: [] }),
  };
  const recipe = paper('0.16b', {
    sources: paperMixture(source, source, { texts: 2, pairs: 1 }),
    tokenizer: byteTokenizer(),
    codec: pixelCodec([[32, 32, 3]]),
    latentShape: [32, 32, 4],
  });
  expect(await recipe.sources()).toMatchObject([{ weight: 2 }, { weight: 1 }]);
});
