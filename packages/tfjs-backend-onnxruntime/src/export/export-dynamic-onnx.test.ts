import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileDynamic, exportDynamicOnnx, openOnnxModel } from '../index.js';
import { runBare } from '../testing-internals/run-bare.js';

let folder: string;

beforeAll(async () => {
  await tf.setBackend('onnxruntime');
  folder = mkdtempSync(join(tmpdir(), 'export-dynamic-onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const values = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i));

/** A layer of attention with a cache that new rows are written into. */
const attention = (
  { project }: { project: tf.Tensor },
  { x, past, places, bias }: Record<'x' | 'past' | 'places' | 'bias', tf.Tensor>,
) => {
  const [B, S, D] = x.shape as [number, number, number];
  const rows = tf.matMul(x.reshape([-1, D]) as tf.Tensor2D, project as tf.Tensor2D).reshape([B, S, D]);
  const present = tf.tensorScatterUpdate(past, places, rows);
  const weights = tf.softmax(tf.matMul(rows, present, false, true).add(bias));
  return { sum: tf.matMul(weights, present), present, flat: rows.reshape([B * S, D]) };
};

const inputs = {
  x: { shape: ['rows', 'length', 6] },
  past: { shape: ['rows', 'capacity', 6] },
  places: { shape: ['rows', 'length', 2], dtype: 'int32' },
  bias: { shape: ['rows', 1, 'capacity'] },
} as const;

describe('exportDynamicOnnx', () => {
  it('writes a file that is the compiled function, bit for bit, at any sizes', async () => {
    const path = join(folder, 'attention.onnx');
    const params = { project: tf.tensor2d(values(36), [6, 6]) };
    const before = tf.memory().numTensors;
    const exported = exportDynamicOnnx(attention, { name: 'attention', inputs, params, path });
    expect(tf.memory().numTensors).toBe(before);
    expect(exported.files).toEqual([path]);
    expect(exported.outputs).toEqual([
      { name: 'sum', shape: ['rows', 'length', 6], dtype: 'float32' },
      { name: 'present', shape: ['rows', 'capacity', 6], dtype: 'float32' },
      { name: 'flat', shape: ['rows * length', 6], dtype: 'float32' },
    ]);

    const compiled = compileDynamic((tensors) => attention(params, tensors), { name: 'attention', inputs });
    for (const [rows, length, capacity] of [
      [1, 1, 1],
      [2, 3, 8],
      [5, 7, 40],
    ]) {
      const sizes = { rows, length, capacity };
      const arrays = {
        x: values(rows * length * 6),
        past: values(rows * capacity * 6),
        places: Int32Array.from({ length: rows * length * 2 }, (_, i) =>
          i % 2 === 0 ? Math.floor(i / 2 / length) : ((i - 1) / 2) % length,
        ),
        bias: values(rows * capacity),
      };
      const expected = Object.fromEntries(
        Object.entries(compiled.outputShapes(sizes)).map(([name, shape]) => [
          name,
          new Float32Array(tf.util.sizeFromShape(shape)),
        ]),
      );
      compiled.run(arrays, sizes, expected);
      const results = await runBare(path, {
        x: tf.tensor(arrays.x, [rows, length, 6]),
        past: tf.tensor(arrays.past, [rows, capacity, 6]),
        places: tf.tensor(arrays.places, [rows, length, 2], 'int32'),
        bias: tf.tensor(arrays.bias, [rows, 1, capacity]),
      });
      expect(results.flat.dims).toEqual([rows * length, 6]);
      for (const [name, array] of Object.entries(expected)) expect(results[name].data, name).toEqual(array);
    }
    compiled.dispose();
    params.project.dispose();
  });

  it('names axes in the file', async () => {
    const path = join(folder, 'axes.onnx');
    exportDynamicOnnx(({ x, y }) => ({ joined: tf.concat([x, y], 1), unused: x.slice([0, 0], [-1, 1]) }), {
      name: 'axes',
      inputs: { x: { shape: ['rows', 'past'] }, y: { shape: ['rows', 'length'] }, z: { shape: ['rows'] } },
      path,
    });
    const model = await openOnnxModel(path);
    expect(model.inputs).toEqual([
      { name: 'x', shape: ['rows', 'past'], dtype: 'float32' },
      { name: 'y', shape: ['rows', 'length'], dtype: 'float32' },
      { name: 'z', shape: ['rows'], dtype: 'float32' },
    ]);
    expect(model.outputs).toEqual([
      { name: 'joined', shape: ['rows', 'length + past'], dtype: 'float32' },
      { name: 'unused', shape: ['rows', 1], dtype: 'float32' },
    ]);
    model.dispose();
  });

  it('refuses what it cannot write', async () => {
    const options = { name: 'f', inputs: { x: { shape: ['rows', 3] } } } as const;
    expect(() => exportDynamicOnnx(({ x }) => ({ x: x.neg() }), options)).toThrow(
      "exportDynamicOnnx(f): two tensors are named 'x'",
    );
    expect(() => exportDynamicOnnx(({ x }) => ({ y: x.div(x.shape[0]) }), options)).toThrow(
      'exportDynamicOnnx(f): a constant of RealDiv',
    );
    expect(() =>
      exportDynamicOnnx(({ x }) => ({ y: x.neg() }), { ...options, precision: 'int4' as never }),
    ).toThrow("exportDynamicOnnx(f): precision is 'int4', expected single, half, int8.");
    await tf.setBackend('cpu');
    expect(() => exportDynamicOnnx(({ x }) => ({ y: x.neg() }), options)).toThrow(
      "the active backend is 'cpu'",
    );
    await tf.setBackend('onnxruntime');
  });
});
