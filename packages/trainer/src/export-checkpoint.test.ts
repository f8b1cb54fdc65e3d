import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { selectEngine } from '@transfusion/engine';
import { beforeAll, expect, test } from 'vitest';
import { saveCheckpoint } from './checkpoint.js';
import { exportCheckpoint } from './export-checkpoint.js';
import { openCheckpoint } from './open-checkpoint.js';
import { temporaryFolder } from './testing-internals/toy-run.js';

beforeAll(() => selectEngine('onnxruntime'));

const trees = () => ({
  model: { weight: tf.zeros([2, 500]) },
  ema: { weight: tf.linspace(-1, 1, 1000).reshape([2, 500]), ids: tf.tensor1d([70_000, 2], 'int32') },
});

test.each([
  ['float16', 2 ** -12, 2500],
  ['float32', 0, 4600],
] as const)('writes the EMA in %s, read like a checkpoint', async (dtype, error, size) => {
  const directory = temporaryFolder();
  const kept = { step: 7, model: { modelDim: 8 }, description: { name: 'toy' } };
  const info = { ...kept, skippedInARow: 2, cursor: { position: 3 } };
  const assets = { 'modalities/text/tokenizer.json': Uint8Array.of(1, 2, 3) };
  const { path } = await saveCheckpoint(directory, info, trees(), assets);
  const folder = join(directory, 'exported', 'deep');
  await exportCheckpoint(path, folder, dtype);
  const exported = await openCheckpoint(folder);
  expect(exported).toMatchObject({ ...kept, skippedInARow: 0, cursor: null });
  expect(exported.trees).toEqual(['ema']);
  expect([...(await exported.readAsset('modalities/text/tokenizer.json'))]).toEqual([1, 2, 3]);
  await exported.verify();
  const read = await exported.readTree('ema', trees().ema);
  expect(Array.from(await read.ids.data())).toEqual([70_000, 2]);
  const [found, expected] = [await read.weight.data(), await trees().ema.weight.data()];
  const errors = Array.from(found, (value, i) => Math.abs(value - expected[i]));
  expect(Math.max(...errors)).toBeLessThanOrEqual(error);
  expect((await stat(join(folder, 'ema.safetensors'))).size).toBeLessThan(size);
});

test('refuses a damaged checkpoint, and leaves no export', async () => {
  const info = { step: 7, model: null, description: null, skippedInARow: 0, cursor: null };
  const { path } = await saveCheckpoint(temporaryFolder(), info, trees());
  const file = join(path, 'ema.safetensors');
  const bytes = await readFile(file);
  bytes[bytes.length - 5] ^= 1;
  await writeFile(file, bytes);
  const folder = join(temporaryFolder(), 'exported');
  await expect(exportCheckpoint(path, folder)).rejects.toThrow(/ema\.safetensors: SHA-256 mismatch/);
  expect(existsSync(folder)).toBe(false);
});

test('leaves nothing behind if writing fails, so that it can be retried', async () => {
  const info = { step: 7, model: null, description: null, skippedInARow: 0, cursor: null };
  const { path } = await saveCheckpoint(temporaryFolder(), info, trees());
  const parent = temporaryFolder();
  const folder = join(parent, 'exported');
  // The last step, renaming, fails.
  await mkdir(folder);
  await writeFile(join(folder, 'other'), '');
  await expect(exportCheckpoint(path, folder)).rejects.toMatchObject({ code: 'ENOTEMPTY' });
  expect(readdirSync(parent)).toEqual(['exported']);
  expect(readdirSync(folder)).toEqual(['other']);
  await rm(folder, { recursive: true });
  await exportCheckpoint(path, folder);
  expect(readdirSync(parent)).toEqual(['exported']);
});

test('refuses a folder that is not a checkpoint', async () => {
  await expect(exportCheckpoint(temporaryFolder(), temporaryFolder())).rejects.toMatchObject({
    code: 'invalid-file',
  });
});
