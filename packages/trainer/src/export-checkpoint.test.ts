import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { selectEngine } from '@transfusion/engine';
import { beforeAll, expect, test } from 'vitest';
import { readCheckpointInfo, readCheckpointTree, saveCheckpoint } from './checkpoint.js';
import { exportCheckpoint } from './export-checkpoint.js';
import { temporaryFolder } from './testing-internals/toy-run.js';

beforeAll(() => selectEngine('onnxruntime'));

const trees = () => ({
  model: { weight: tf.zeros([2, 500]) },
  ema: { weight: tf.linspace(-1, 1, 1000).reshape([2, 500]), ids: tf.tensor1d([70_000, 2], 'int32') },
});

test.each([
  ['half', 2 ** -12, 2500],
  ['single', 0, 4600],
] as const)(
  'writes the running mean in %s precision, read like a checkpoint',
  async (precision, error, size) => {
    const directory = temporaryFolder();
    const description = { name: 'toy' };
    const info = {
      formatVersion: 1,
      step: 7,
      skippedInARow: 2,
      cursor: { position: 3 },
      description,
    } as const;
    const { path } = await saveCheckpoint(directory, info, trees());
    const folder = join(directory, 'exported', 'deep');
    await exportCheckpoint(path, folder, precision);
    expect(await readCheckpointInfo(folder)).toEqual({ ...info, skippedInARow: 0, cursor: null });
    const read = await readCheckpointTree(folder, 'ema', trees().ema);
    expect(Array.from(await read.ids.data())).toEqual([70_000, 2]);
    const [found, expected] = [await read.weight.data(), await trees().ema.weight.data()];
    const errors = Array.from(found, (value, i) => Math.abs(value - expected[i]));
    expect(Math.max(...errors)).toBeLessThanOrEqual(error);
    expect((await stat(join(folder, 'ema.safetensors'))).size).toBeLessThan(size);
  },
);

test('refuses what is no checkpoint', async () => {
  await expect(exportCheckpoint(temporaryFolder(), temporaryFolder())).rejects.toMatchObject({
    code: 'invalid-file',
  });
});
