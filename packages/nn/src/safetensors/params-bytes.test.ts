import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { flattenParams, type Params } from '../params.js';
import { createRng } from '../rng.js';
import { decodeParams, encodeParams } from './params-bytes.js';
import { paramsFromSafetensors, paramsToSafetensors } from './params-safetensors.js';
import { readSafetensors } from './read-safetensors.js';
import { writeSafetensors } from './write-safetensors.js';

beforeAll(() => tf.setBackend('cpu'));

const params = {
  weight: tf.tensor(createRng(1).normals(12), [3, 4]),
  biases: [tf.tensor1d([0, -0, 0.5, -65504]), tf.tensor1d([1e-9])],
  count: tf.scalar(5, 'int32'),
  empty: tf.zeros([0, 2]),
};
const like = {
  weight: tf.zeros([3, 4]),
  biases: [tf.zeros([4]), tf.zeros([1])],
  count: tf.scalar(0, 'int32'),
  empty: tf.zeros([0, 2]),
};
const valuesOf = (tree: Params) =>
  Object.entries(flattenParams(tree)).map(([path, tensor]) => [
    path,
    tensor.dtype,
    tensor.shape,
    tensor.dataSync(),
  ]);

it('a tree comes back bit by bit, in half precision only where that is exact', async () => {
  const bytes = await encodeParams(params);
  expect(valuesOf(await decodeParams(like, bytes, 'bytes'))).toEqual(valuesOf(params));
  const header = JSON.parse(
    Buffer.from(bytes).toString('utf8', 8, 8 + Number(Buffer.from(bytes).readBigUInt64LE())),
  );
  const dtypes = Object.entries(header as Record<string, { dtype: string }>).map(([path, { dtype }]) => [
    path,
    dtype,
  ]);
  expect(Object.fromEntries(dtypes)).toEqual({
    weight: 'F32',
    'biases.0': 'F16',
    'biases.1': 'F32',
    count: 'I32',
    empty: 'F16',
  });
});

it('parameters of a file in half precision give its bytes, and are read from a part of a larger buffer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'params-bytes-'));
  const path = join(folder, 'half');
  await writeSafetensors(path, paramsToSafetensors(params, 'float16'));
  const file = await readSafetensors(path);
  const read = await paramsFromSafetensors(like, file);
  await file.close();
  const bytes = await encodeParams(read);
  expect(Buffer.from(bytes)).toEqual(await readFile(path));
  const within = new Uint8Array([1, 2, 3, ...bytes, 4]).subarray(3, -1);
  expect(valuesOf(await decodeParams(like, within, 'bytes'))).toEqual(valuesOf(read));
  await rm(folder, { recursive: true });
});

it('refuses bytes that are damaged or of a different tree, and leaves no tensors behind', async () => {
  const bytes = await encodeParams(params);
  const before = tf.memory().numTensors;
  for (const length of [0, 7, 20, bytes.length - 1]) {
    await expect(decodeParams(like, bytes.subarray(0, length), 'cut')).rejects.toMatchObject({
      code: 'invalid-file',
      message: expect.stringContaining('cut: at byte '),
    });
  }
  await expect(decodeParams({ weight: like.weight }, bytes, 'other')).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringContaining('other'),
  });
  expect(tf.memory().numTensors).toBe(before);
});
