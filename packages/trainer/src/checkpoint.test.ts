import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { selectEngine } from '@transfusion/engine';
import { TransfusionError } from '@transfusion/errors';
import { mapParams } from '@transfusion/nn';
import { beforeAll, expect, test } from 'vitest';
import {
  listCheckpoints,
  pruneCheckpoints,
  removeLeftovers,
  saveCheckpoint,
  setAsideCheckpoint,
} from './checkpoint.js';
import type { CheckpointInfo } from './checkpoint-manifest.js';
import { openCheckpoint } from './open-checkpoint.js';
import { numbersOf, temporaryFolder } from './testing-internals/toy-run.js';

const info = (step: number, skippedInARow = 0): CheckpointInfo => ({
  step,
  skippedInARow,
  model: { modelDim: 8, epsilon: 1e-7 },
  cursor: { position: 7, taken: [3, 4], setAside: [{ position: 5, taken: [2, 3] }] },
  description: { sizes: [1, 2], name: 'Käse' },
});

beforeAll(() => selectEngine('onnxruntime'));

const trees = () => ({
  model: { layers: [{ weight: tf.tensor2d([[0.1, -0, 1e-45, 3.4e38]]) }], mask: tf.tensor1d([1, 0], 'bool') },
  optimizer: { count: tf.scalar(5), ids: tf.tensor1d([-(2 ** 31), 7], 'int32') },
});

/** A tensor that cannot be written: the disk is full. */
function onFullDisk(): tf.Tensor {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  return Object.assign(tf.scalar(1), { data: () => Promise.reject(error) });
}

test('restores saved values exactly', async () => {
  const directory = temporaryFolder();
  const saved = trees();
  const assets = {
    'tokenizer.json': new TextEncoder().encode('{"é":1}'),
    'modalities/image/autoencoder.safetensors': Uint8Array.of(0, 255),
  };
  const stored = await saveCheckpoint(directory, info(12, 2), saved, assets);
  expect(stored).toEqual({ path: join(directory, 'step-00000012'), step: 12 });
  const opened = await openCheckpoint(stored.path);
  expect(opened).toMatchObject({ ...info(12, 2), trees: ['model', 'optimizer'] });
  for (const file of ['model', 'optimizer'] as const) {
    const like = mapParams(saved[file], tf.zerosLike);
    expect(numbersOf(await opened.readTree(file, like))).toEqual(numbersOf(saved[file]));
  }
  expect(opened.assets).toEqual(Object.keys(assets));
  for (const [name, content] of Object.entries(assets)) {
    expect(new Uint8Array(await opened.readAsset(name))).toEqual(content);
  }
  await opened.verify();
  expect((await readdir(stored.path, { recursive: true })).toSorted()).toEqual(
    [
      'checkpoint.json',
      'model.safetensors',
      'modalities',
      'modalities/image',
      'modalities/image/autoencoder.safetensors',
      'optimizer.safetensors',
      'tokenizer.json',
    ].toSorted(),
  );
});

test('reports tensors of a different model, and missing files', async () => {
  const { path } = await saveCheckpoint(temporaryFolder(), info(1), trees());
  const other = { layers: [{ weight: tf.zeros([2, 2]) }], mask: tf.zeros([2], 'bool') };
  const opened = await openCheckpoint(path);
  await expect(opened.readTree('model', other)).rejects.toMatchObject({ code: 'mismatch' });
  await expect(opened.readTree('ema', other)).rejects.toThrow(
    "has no file 'ema.safetensors', expected one of model.safetensors, optimizer.safetensors",
  );
  await expect(opened.readAsset('../step-00000001/checkpoint.json')).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('keeps the newest, in the order of their steps', async () => {
  const directory = temporaryFolder();
  for (const step of [100_000_000, 3, 20]) await saveCheckpoint(directory, info(step), {});
  const steps = async () => (await listCheckpoints(directory)).map(({ step }) => step);
  expect(await steps()).toEqual([3, 20, 100_000_000]);
  await pruneCheckpoints(directory, 2);
  expect(await steps()).toEqual([20, 100_000_000]);
  await pruneCheckpoints(directory, 5);
  expect(await readdir(directory)).toHaveLength(2);
});

test('keeps the newest good ones, and the newest of those of skipped steps', async () => {
  const directory = temporaryFolder();
  const steps = async () => (await listCheckpoints(directory)).map(({ step }) => step);
  for (const [step, skippedInARow] of [
    [1, 0],
    [2, 1],
    [3, 0],
    [4, 2],
    [5, 3],
    [6, 4],
  ]) {
    await saveCheckpoint(directory, info(step, skippedInARow), {});
  }
  await pruneCheckpoints(directory, 2);
  expect(await steps()).toEqual([1, 3, 6]);
  await saveCheckpoint(directory, info(7), {});
  await pruneCheckpoints(directory, 2);
  expect(await steps()).toEqual([3, 7]);
});

test('keeps checkpoints whose manifest cannot be read, beside those that count', async () => {
  const directory = temporaryFolder();
  for (const step of [1, 2, 3, 4]) await saveCheckpoint(directory, info(step), {});
  await writeFile(join(directory, 'step-00000001', 'checkpoint.json'), '{"formatVersion":3}');
  // A folder in its place: reading it fails like a file under lock.
  await rm(join(directory, 'step-00000003', 'checkpoint.json'));
  await mkdir(join(directory, 'step-00000003', 'checkpoint.json'));
  await pruneCheckpoints(directory, 1);
  expect((await listCheckpoints(directory)).map(({ step }) => step)).toEqual([1, 3, 4]);
});

test('sets aside, and never lists again', async () => {
  const directory = temporaryFolder();
  for (let i = 0; i < 2; i++) {
    await setAsideCheckpoint(directory, await saveCheckpoint(directory, info(3), trees()));
  }
  expect(await listCheckpoints(directory)).toEqual([]);
  await removeLeftovers(directory);
  expect((await readdir(directory)).toSorted()).toEqual([
    'set-aside-step-00000003',
    'set-aside-step-00000003-2',
  ]);
});

test.each(['/etc/x', '../x', 'a/../x', 'a\\b', 'C:x', '', 'a//b', 'checkpoint.json', 'ema.safetensors'])(
  'refuses to write an asset to %o',
  async (path) => {
    const directory = temporaryFolder();
    const saving = saveCheckpoint(directory, info(1), {}, { [path]: Uint8Array.of(1) });
    await expect(saving).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await readdir(directory)).toEqual([]);
  },
);

test('never lists incomplete checkpoints, and removes them', async () => {
  const directory = temporaryFolder();
  const { path } = await saveCheckpoint(directory, info(3), trees());
  await mkdir(join(directory, '.tmp-step-00000004-x'));
  await writeFile(join(directory, '.tmp-step-00000004-x', 'model.safetensors'), 'half');
  await mkdir(join(directory, 'step-7'));
  await writeFile(join(directory, 'notes.txt'), 'mine');
  expect(await listCheckpoints(directory)).toEqual([{ path, step: 3 }]);
  await removeLeftovers(directory);
  expect((await readdir(directory)).toSorted()).toEqual(['notes.txt', 'step-00000003', 'step-7']);
  expect(await listCheckpoints(join(directory, 'none'))).toEqual([]);
});

test('leaves a checkpoint of the same step as it is', async () => {
  const directory = temporaryFolder();
  const first = await saveCheckpoint(directory, info(3), trees());
  const bytes = await readFile(join(first.path, 'model.safetensors'));
  expect(await saveCheckpoint(directory, info(3), { model: { other: tf.scalar(1) } })).toEqual(first);
  expect(await readFile(join(first.path, 'model.safetensors'))).toEqual(bytes);
  expect(await readdir(directory)).toEqual(['step-00000003']);
});

test('says that the disk is full, and leaves the others and no rubbish', async () => {
  const directory = temporaryFolder();
  const { path } = await saveCheckpoint(directory, info(3), trees());
  const failure = saveCheckpoint(directory, info(4), { ...trees(), ema: { weight: onFullDisk() } });
  await expect(failure).rejects.toMatchObject({ code: 'training-failed' });
  await expect(failure).rejects.toThrow(
    /step-00000004 could not be written: ENOSPC: no space left on device, write\. The disk is full: free some space/,
  );
  expect(await readdir(directory)).toEqual(['step-00000003']);
  expect(await openCheckpoint(path)).toMatchObject(info(3));
});

test('refuses folders that are not checkpoints, or have a different version', async () => {
  const directory = temporaryFolder();
  await expect(openCheckpoint(join(directory, 'none'))).rejects.toThrow(
    /checkpoint\.json: the file does not exist/,
  );
  const problemOf = async (text: string): Promise<unknown> => {
    await writeFile(join(directory, 'checkpoint.json'), text);
    return openCheckpoint(directory).catch((error: unknown) => error);
  };
  for (const text of ['{', 'null', '{}', '{"formatVersion":1,"step":1}', '{"formatVersion":2}']) {
    const problem = await problemOf(text);
    expect(TransfusionError.isInstance(problem) && problem.code, text).toBe('invalid-file');
  }
  expect(await problemOf('{"formatVersion":1,"step":1}')).toMatchObject({
    message: expect.stringContaining('the format version is 1, expected 2') as string,
  });
});
