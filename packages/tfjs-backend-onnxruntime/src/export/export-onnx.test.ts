import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportOnnx, jit } from '../index.js';
import { runBare } from '../testing-internals/run-bare.js';

let folder: string;

beforeAll(async () => {
  await tf.setBackend('onnxruntime');
  folder = mkdtempSync(join(tmpdir(), 'export-onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const params = () => ({
  layers: [
    { weight: tf.randomNormal([16, 32], 0, 0.3, 'float32', 1), bias: tf.linspace(-1, 1, 32) },
    { weight: tf.randomNormal([32, 4], 0, 0.3, 'float32', 2), bias: tf.zeros([4]) },
  ],
});
const network = (p: ReturnType<typeof params>, x: tf.Tensor): tf.Tensor =>
  p.layers.reduce(
    (h, { weight, bias }) => tf.tanh(tf.add(tf.matMul(h as tf.Tensor2D, weight as tf.Tensor2D), bias)),
    x,
  );

describe('exportOnnx', () => {
  it('writes a file that a bare session runs to bit-equal results', async () => {
    const path = join(folder, 'network.onnx');
    const weights = params();
    const x = tf.randomNormal([5, 16], 0, 1, 'float32', 3);
    const exported = exportOnnx(network, [x], {
      path,
      params: weights,
      inputNames: ['features'],
      outputNames: ['scores'],
    });
    expect(exported.files).toEqual([path]);
    expect(exported.inputs).toEqual([{ name: 'features', shape: [5, 16], dtype: 'float32' }]);
    expect(exported.outputs).toEqual([{ name: 'scores', shape: [5, 4], dtype: 'float32' }]);
    expect(readFileSync(path).equals(exported.onnx)).toBe(true);

    const expected = jit(network)(weights, x).dataSync();
    const { scores } = await runBare(path, { features: x });
    expect(scores.dims).toEqual([5, 4]);
    expect(scores.data).toEqual(expected);
  });

  it('keeps the weights in a second file if asked to', async () => {
    const path = join(folder, 'external.onnx');
    const weights = params();
    const x = tf.ones([2, 16]);
    const exported = exportOnnx(network, [x], { path, params: weights, externalData: true });
    expect(exported.files).toEqual([path, `${path}.data`]);
    expect(statSync(`${path}.data`).size).toBe((16 * 32 + 32 + 32 * 4 + 4) * 4);
    expect(exported.onnx.length).toBeLessThan(2048);
    const { output } = await runBare(path, { input0: x });
    expect(output.data).toEqual(jit(network)(weights, x).dataSync());
  });

  it('writes gradients, integer and boolean tensors, captured variables and named results', async () => {
    const path = join(folder, 'gradient.onnx');
    const scale = tf.variable(tf.randomNormal([100], 0, 1, 'float32', 4), true, 'scale_in_export_test');
    const fn = (ids: tf.Tensor, keep: tf.Tensor) => {
      const loss = (s: tf.Tensor): tf.Scalar =>
        tf.sum(tf.square(tf.where(keep, tf.gather(s, ids as tf.Tensor1D), 0)));
      return { loss: loss(scale), gradient: tf.grad(loss)(scale), positive: tf.greater(scale, 0) };
    };
    const ids = tf.tensor1d([3, 99, 3], 'int32');
    const keep = tf.tensor1d([true, true, false], 'bool');
    const exported = exportOnnx(fn, [ids, keep], { path });
    expect(exported.outputs.map(({ name, dtype }) => `${name}:${dtype}`)).toEqual([
      'loss:float32',
      'gradient:float32',
      'positive:bool',
    ]);
    const expected = fn(ids, keep);
    const results = await runBare(path, { input0: ids, input1: keep });
    expect(results['loss'].data).toEqual(expected.loss.dataSync());
    expect(results['gradient'].data).toEqual(expected.gradient.dataSync());
    expect(results['positive'].data).toEqual(expected.positive.dataSync());
  });

  it('holds no tensors afterwards', () => {
    const weights = params();
    const x = tf.ones([2, 16]);
    const before = tf.memory().numTensors;
    exportOnnx(network, [x], { params: weights });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps chosen names apart from those inside the graph', async () => {
    const path = join(folder, 'names.onnx');
    const x = tf.tensor1d([1, 2, 3]);
    const fn = (c0: tf.Tensor, a: tf.Tensor): tf.Tensor => tf.add(tf.neg(tf.mul(a, 2)), c0);
    exportOnnx(fn, [x], { path, params: tf.scalar(5), inputNames: ['t0'], outputNames: ['c0'] });
    const { c0 } = await runBare(path, { t0: x });
    expect(c0.data).toEqual(Float32Array.of(3, 1, -1));
  });

  it('reports invalid names', () => {
    const x = tf.ones([2]);
    const twice = (a: tf.Tensor): tf.Tensor[] => [tf.neg(a), tf.abs(a)];
    expect(() => exportOnnx(twice, [x], { outputNames: ['only'] })).toThrow(
      /outputNames has 1 names for 2 tensors/,
    );
    expect(() => exportOnnx(twice, [x], { outputNames: ['y', 'y'] })).toThrow(/two tensors are named 'y'/);
    expect(() => exportOnnx(twice, [x], { outputNames: ['', 'y'] })).toThrow(
      /outputNames contains an empty name/,
    );
    expect(() => exportOnnx(twice, [x], { externalData: true })).toThrow(/needs a path/);
    expect(() => exportOnnx(() => tf.zeros([0, 2]), [])).toThrow(/the result 'output' is empty/);
  });
});
