import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flattenParams } from '../params.js';
import { paramsFromSafetensors, paramsToSafetensors, toTensor } from './params-safetensors.js';
import { readSafetensors } from './read-safetensors.js';
import { writeSafetensors } from './write-safetensors.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'params-'))));
afterAll(() => rm(folder, { recursive: true }));

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  const makeTree = (fill: number) => ({
    layers: Array.from({ length: 12 }, (_, i) => ({ weight: tf.fill([2, 3], fill + i) })),
    count: tf.scalar(fill, 'int32'),
    mask: tf.tensor1d([true, false, true]),
    empty: tf.zeros([0, 5]),
  });

  it('a tree comes back as it was', async () => {
    const path = join(folder, backend);
    const tree = makeTree(5);
    await writeSafetensors(path, paramsToSafetensors(tree));
    const file = await readSafetensors(path);
    const back = await paramsFromSafetensors(makeTree(0), file);
    await file.close();
    const [expected, found] = [flattenParams(tree), flattenParams(back)];
    for (const [name, tensor] of Object.entries(expected)) {
      expect(found[name].dtype).toBe(tensor.dtype);
      expect(found[name].shape).toEqual(tensor.shape);
      expect(found[name].dataSync()).toEqual(tensor.dataSync());
    }
  });

  it('values that the engine has still to compute are written', async () => {
    const path = join(folder, `${backend}-computed`);
    await writeSafetensors(path, paramsToSafetensors({ sum: tf.scalar(1).add(2), is: tf.less(1, 2) }));
    const file = await readSafetensors(path);
    expect(await file.read('sum')).toEqual({ shape: [], dtype: 'float32', data: Float32Array.of(3) });
    expect(await file.read('is')).toEqual({ shape: [], dtype: 'bool', data: Uint8Array.of(1) });
    await file.close();
  });

  it('refuses non-finite values, and leaves no tensors behind', async () => {
    const path = join(folder, `${backend}-nan`);
    await writeSafetensors(
      path,
      paramsToSafetensors({ a: tf.zeros([2]), b: tf.tensor1d([1, 2, -Infinity]) }),
    );
    const file = await readSafetensors(path);
    const like = { a: tf.zeros([2]), b: tf.zeros([3]) };
    const before = tf.memory().numTensors;
    await expect(paramsFromSafetensors(like, file)).rejects.toMatchObject({
      code: 'invalid-file',
      message: expect.stringContaining(`${path}: 'b' has -Infinity at 2, expected finite values`),
    });
    expect(tf.memory().numTensors).toBe(before);
    await file.close();
  });

  it('refuses a file of a different model, and leaves no tensors behind', async () => {
    const path = join(folder, `${backend}-other`);
    await writeSafetensors(path, paramsToSafetensors({ a: tf.zeros([2]), b: tf.zeros([3]) }));
    const file = await readSafetensors(path);
    const like = { a: tf.zeros([2]), b: tf.zeros([4]) };
    const before = tf.memory().numTensors;
    await expect(paramsFromSafetensors(like, file)).rejects.toThrow(
      `${path}: 'b' is float32 [3], expected float32 [4]. The parameters belong to a different model`,
    );
    expect(tf.memory().numTensors).toBe(before);
    await file.close();
  });
});

it('uint8 becomes int32', () => {
  const tensor = toTensor({ shape: [1, 2], dtype: 'uint8', data: Uint8Array.of(7, 255) });
  expect(tensor.dtype).toBe('int32');
  expect(tensor.arraySync()).toEqual([[7, 255]]);
});

it('what a file cannot hold is refused', () => {
  expect(() => paramsToSafetensors(tf.scalar(1))).toThrow("paramsToSafetensors: '' is float32 []");
  expect(() => paramsToSafetensors({ a: tf.tensor1d(['x']) })).toThrow("'a' is string [1], expected float32");
});
