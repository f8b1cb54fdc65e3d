import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { ddpm } from '@transfusion/diffusion';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry, type Modality } from '@transfusion/modality';
import { imageFactory } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';
import { flattenParams } from '@transfusion/nn';
import { exportCheckpoint } from '@transfusion/trainer';
import { beforeAll, describe, expect, test } from 'vitest';
import { defineRecipe } from './define-recipe.js';
import { findCheckpoint } from './find-checkpoint.js';
import { loadModel } from './load-model.js';
import { runRecipe, type RunResult } from './run-recipe.js';
import { tinyRecipe } from './testing-internals/tiny-recipe.js';

const recipe = defineRecipe({ ...tinyRecipe(), totalSteps: 2, samples: undefined });
const factories = [textFactory(), imageFactory()];
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'load-model-'));

let directory: string;
let result: RunResult;
beforeAll(async () => {
  await selectEngine('onnxruntime');
  directory = newFolder();
  result = await runRecipe(recipe, { directory });
});

describe.each([
  ['factories', () => factories],
  ["the recipe's modalities", () => recipe.modalities],
])('with %s', (_, modalities) => {
  test('loads the EMA of the last step', async () => {
    const { params, step, model, dispose } = await loadModel(directory, modalities());
    expect(step).toBe(2);
    expect(model.config).toEqual(result.model.config);
    const trained = flattenParams(result.ema);
    for (const [path, tensor] of Object.entries(flattenParams(params))) {
      expect(tensor.dataSync(), path).toEqual(trained[path].dataSync());
    }
    dispose();
  });

  test('leaks no tensors', async () => {
    const before = tf.memory().numTensors;
    const { dispose } = await loadModel(join(directory, 'checkpoints', 'step-00000002'), modalities());
    dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('loads an export from a folder of its own', async () => {
  const folder = join(newFolder(), 'exported');
  await exportCheckpoint(await findCheckpoint(directory), folder, 'float32');
  const elsewhere = newFolder();
  cpSync(folder, elsewhere, { recursive: true });
  const { model, dispose } = await loadModel(elsewhere, factories);
  expect(model.config).toEqual(result.model.config);
  dispose();
});

describe('refuses', () => {
  const [words, images] = [recipe.modalities.discrete[0], recipe.modalities.continuous[0]];
  const withModalities = (...modalities: readonly Modality[]) =>
    loadModel(directory, createModalityRegistry(...modalities));

  test('a different tokenizer of the same size, noise process, or codec', async () => {
    await expect(withModalities({ ...words, id: 'other bytes' }, images)).rejects.toThrow(
      'modalities.text.id is "bytes" there, "other bytes" here',
    );
    const diffusion = ddpm({ betaSchedule: 'linear' });
    await expect(withModalities(words, { ...images, diffusion })).rejects.toThrow(
      'modalities.image.process is "cosine" there, "linear 0.0001 0.02" here',
    );
    const codec = { ...images.codec, id: 'a follower' };
    await expect(withModalities(words, { ...images, codec })).rejects.toThrow(
      /modalities\.image\.codec is ".*" there, "a follower" here/,
    );
  });

  test('a modality without a factory, naming it', async () => {
    const before = tf.memory().numTensors;
    await expect(loadModel(directory, [textFactory()])).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining("'image'") as string,
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a folder without a checkpoint', async () => {
    const empty = newFolder();
    await expect(loadModel(empty, factories)).rejects.toThrow(`${empty}: there is no checkpoint.`);
  });

  test('a damaged file, naming it', async () => {
    const copy = newFolder();
    cpSync(await findCheckpoint(directory), copy, { recursive: true });
    const path = join(copy, 'ema.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 10] ^= 1;
    writeFileSync(path, bytes);
    await expect(loadModel(copy, factories)).rejects.toMatchObject({
      code: 'invalid-file',
      message: expect.stringContaining(path) as string,
    });
  });
});
