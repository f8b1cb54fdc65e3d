import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeDocument } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { expect, test } from 'vitest';
import {
  createAutoencoder,
  createVqAutoencoder,
  writeAutoencoder,
  writeVqAutoencoder,
  type VqAutoencoderConfig,
} from '@transfusion/modality-image';
import { selectEngine } from '@transfusion/tfjs-backend-onnxruntime';
import { emojiAutoencoder } from './autoencoder/emoji-autoencoder.js';
import { emojiVqAutoencoder } from './autoencoder/emoji-vq-autoencoder.js';
import { builtInRecipes, type BuiltInSettings } from './built-in-recipes.js';
import type { Recipe } from './recipe.js';
import { paper, paperMixture } from './paper.js';
import { defineRecipe } from './define-recipe.js';
import { tinyRecipe } from './testing-internals/tiny-recipe.js';

const from = fileURLToPath(new URL('..', import.meta.url));

/** A built-in recipe of a Transfusion model. */
async function builtIn(name: string, settings: BuiltInSettings = {}): Promise<Recipe> {
  const recipe = await builtInRecipes.get(name)!.create(settings);
  if (recipe.kind !== 'transfusion') throw new Error(`${name} is of the kind ${recipe.kind}`);
  return recipe;
}

/** An autoencoder as `emoji-autoencoder` makes them, untrained. */
async function untrainedAutoencoder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'autoencoder-'));
  const autoencoder = createAutoencoder(emojiAutoencoder({ from }).autoencoder);
  const statistics = { mean: new Array(8).fill(0), stddev: new Array(8).fill(1) };
  await writeAutoencoder(folder, { autoencoder, params: autoencoder.init(createRng(0)), statistics });
  return folder;
}

/** The same of `emoji-vq-autoencoder`. */
async function untrainedVqAutoencoder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'autoencoder-'));
  const autoencoder = createVqAutoencoder(emojiVqAutoencoder({ from }).autoencoder as VqAutoencoderConfig);
  await writeVqAutoencoder(folder, { autoencoder, params: autoencoder.init(createRng(0)) });
  return folder;
}

test.each([...builtInRecipes.keys()])('%s is built, and is named so', async (name) => {
  await selectEngine('onnxruntime');
  const folders = {
    autoencoder: await untrainedAutoencoder(),
    vqAutoencoder: await untrainedVqAutoencoder(),
  };
  const settings = { from, data: 'book.txt', ...folders };
  expect((await builtInRecipes.get(name)!.create(settings)).name).toBe(name);
});

test('emoji-latents says which autoencoder is missing', async () => {
  await expect(builtIn('emoji-latents', { from, autoencoder: 'nowhere' })).rejects.toThrow('nowhere');
});

test('emoji-tokens looks for the VQ autoencoder of its own run', async () => {
  const created = builtIn('emoji-tokens', { from, autoencoder: await untrainedAutoencoder() });
  await expect(created).rejects.toThrow('emoji-vq-autoencoder');
});

test('emoji-tokens has documents of captions and tokens, which its samples end with', async () => {
  await selectEngine('onnxruntime');
  const recipe = await builtIn('emoji-tokens', { from, vqAutoencoder: await untrainedVqAutoencoder() });
  const parts = await recipe.sources();
  const lengths = await Promise.all(
    parts.map(async ({ source, transform }) => {
      const document = transform!(await source.read(0, createRng(0)), createRng(0));
      const encoded = await encodeDocument(recipe.modalities, document);
      return encoded.map((segment) => ('ids' in segment ? `${segment.modality} ${segment.ids.length}` : ''));
    }),
  );
  expect(lengths[0].at(-1)).toBe('image 64');
  expect(lengths[1][0]).toBe('image 64');
  expect(recipe.samples!.requests[0]).toMatchObject({ maxTokens: 64 });
  expect(recipe.modalities.continuous).toEqual([]);
});

test('emoji-pixels has pictures and captions, some held out', async () => {
  const recipe = await builtIn('emoji-pixels', { from });
  const [[{ source }], [heldOut]] = await Promise.all([recipe.sources(), recipe.heldOut!()]);
  expect(source.length).toBeGreaterThan(3000);
  expect(heldOut.source.length).toBeGreaterThan(300);
  const { segments } = await source.read(0, createRng(0));
  expect(new Set(segments.map(({ modality }) => modality))).toEqual(new Set(['text', 'image']));
  expect(segments.every(({ modality, value }) => recipe.modalities.get(modality).accepts(value))).toBe(true);
  expect(recipe.batch.spanCapacity).toEqual({ 'image:32x32x3': 32 });
});

test('text-only reads its file', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'text-only-')), 'book.txt');
  await writeFile(file, 'One paragraph.\n\nAnother one.\n');
  const [{ source }] = await (await builtIn('text-only', { data: file })).sources();
  expect(source.length).toBe(2);
});

test('text-only asks for a file', () => {
  expect(() => builtInRecipes.get('text-only')!.create()).toThrow(
    "recipe 'text-only' needs a text file (--data)",
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
  expect(() => recipe.sources()).toThrow(
    "recipe 'paper-0.16b' needs a tokenizer, an image codec and sources",
  );
  const { codec } = recipe.modalities.continuous[0];
  await expect(codec.encode([])).rejects.toThrow('needs a tokenizer');
});

test("the paper's run takes the caller's data", async () => {
  const { modalities, sources } = defineRecipe(tinyRecipe());
  const [{ source }] = await sources();
  const [text] = modalities.discrete;
  const recipe = paper('0.16b', {
    sources: paperMixture(source, source, { texts: 2, pairs: 1 }),
    tokenizer: (text as unknown as { tokenizer: Parameters<typeof paper>[1]['tokenizer'] }).tokenizer,
    codec: modalities.continuous[0].codec as Parameters<typeof paper>[1]['codec'],
    latentShape: [32, 32, 4],
  });
  expect(await recipe.sources()).toMatchObject([{ weight: 2 }, { weight: 1 }]);
});
