import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selectEngine } from '@transfusion/engine';
import { encodeDocument } from '@transfusion/modality';
import {
  createAutoencoder,
  createVqAutoencoder,
  writeAutoencoder,
  writeVqAutoencoder,
  type VqAutoencoderConfig,
} from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import type { Recipe } from '@transfusion/runs';
import { expect, test } from 'vitest';
import { emojiAutoencoder } from './emoji-autoencoder.js';
import { emojiRecipes, type EmojiRecipeSettings } from './emoji-recipes.js';
import { emojiVqAutoencoder } from './emoji-vq-autoencoder.js';

const resolveFrom = fileURLToPath(new URL('../..', import.meta.url));

/** A recipe of a Transfusion model. */
async function named(name: string, settings: EmojiRecipeSettings = {}): Promise<Recipe> {
  const recipe = await emojiRecipes.get(name)!.create(settings);
  if (recipe.kind !== 'transfusion') throw new Error(`${name} is of the kind ${recipe.kind}`);
  return recipe;
}

/** An autoencoder as `emoji-autoencoder` makes them, untrained. */
async function untrainedAutoencoder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'autoencoder-'));
  const autoencoder = createAutoencoder(emojiAutoencoder({ resolveFrom }).autoencoder);
  const statistics = { mean: new Array(8).fill(0), stddev: new Array(8).fill(1) };
  await writeAutoencoder(folder, { autoencoder, params: autoencoder.init(createRng(0)), statistics });
  return folder;
}

/** The same of `emoji-vq-autoencoder`. */
async function untrainedVqAutoencoder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'autoencoder-'));
  const autoencoder = createVqAutoencoder(
    emojiVqAutoencoder({ resolveFrom }).autoencoder as VqAutoencoderConfig,
  );
  await writeVqAutoencoder(folder, { autoencoder, params: autoencoder.init(createRng(0)) });
  return folder;
}

test.each([...emojiRecipes.keys()])('creates %s, with this name', async (name) => {
  await selectEngine('onnxruntime');
  const folders = {
    autoencoder: await untrainedAutoencoder(),
    vqAutoencoder: await untrainedVqAutoencoder(),
  };
  const settings = { resolveFrom, ...folders };
  expect((await emojiRecipes.get(name)!.create(settings)).name).toBe(name);
});

test('emoji-latents names a missing autoencoder', async () => {
  await expect(named('emoji-latents', { resolveFrom, autoencoder: 'nowhere' })).rejects.toThrow('nowhere');
});

test('emoji-tokens looks for the VQ autoencoder of its own run', async () => {
  const created = named('emoji-tokens', { resolveFrom, autoencoder: await untrainedAutoencoder() });
  await expect(created).rejects.toThrow(
    'there is no folder runs/emoji-vq-autoencoder/autoencoder. Train one first: transfusion train emoji-vq-autoencoder',
  );
});

test('emoji-tokens has documents of captions and tokens, and samples with as many tokens', async () => {
  await selectEngine('onnxruntime');
  const recipe = await named('emoji-tokens', { resolveFrom, vqAutoencoder: await untrainedVqAutoencoder() });
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

test('emoji-pixels has images and captions, with a validation set', async () => {
  const recipe = await named('emoji-pixels', { resolveFrom });
  const [[{ source }], [validation]] = await Promise.all([recipe.sources(), recipe.validation!()]);
  expect(source.length).toBeGreaterThan(3000);
  expect(validation.source.length).toBeGreaterThan(300);
  const { segments } = await source.read(0, createRng(0));
  expect(new Set(segments.map(({ modality }) => modality))).toEqual(new Set(['text', 'image']));
  expect(segments.every(({ modality, value }) => recipe.modalities.get(modality).accepts(value))).toBe(true);
  expect(recipe.batch.spanCapacity).toEqual({ 'image:32x32x3': 32 });
});
