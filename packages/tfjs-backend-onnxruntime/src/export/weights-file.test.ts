import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWeightsFile, exportDynamicOnnx } from '../index.js';
import { runBare } from '../testing-internals/run-bare.js';

let folder: string;

beforeAll(async () => {
  await tf.setBackend('onnxruntime');
  folder = mkdtempSync(join(tmpdir(), 'weights-file-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('createWeightsFile', () => {
  it('holds equal bytes once, aligned: large tensors to pages', () => {
    const path = join(folder, 'aligned.data');
    const file = createWeightsFile(path);
    const small = Float32Array.of(1, 2, 3);
    const large = new Float32Array(2 ** 18).fill(4);
    const places = [
      small,
      Uint8Array.of(5),
      large,
      small.slice(),
      new Int8Array(12),
      large.subarray(0, 3),
    ].map((data) => file.add(data));
    file.close();
    file.close();
    expect(places).toEqual([
      { location: 'aligned.data', offset: 0, length: 12 },
      { location: 'aligned.data', offset: 64, length: 1 },
      { location: 'aligned.data', offset: 4096, length: 2 ** 20 },
      { location: 'aligned.data', offset: 0, length: 12 },
      { location: 'aligned.data', offset: 4096 + 2 ** 20, length: 12 },
      { location: 'aligned.data', offset: 4096 + 2 ** 20 + 64, length: 12 },
    ]);
    const bytes = readFileSync(path);
    expect(bytes.length).toBe(4096 + 2 ** 20 + 64 + 12);
    expect([...new Float32Array(bytes.buffer, bytes.byteOffset, 3)]).toEqual([1, 2, 3]);
    expect(bytes[64]).toBe(5);
    expect(() => file.add(small)).toThrow('aligned.data: add after close');
  });

  it.each(['single', 'half', 'int8'] as const)('models share their weights, %s', async (precision) => {
    const shared = tf.randomNormal([64, 64], 0, 0.1, 'float32', 1);
    const head = tf.randomNormal([64, 128], 0, 0.1, 'float32', 2);
    const trunk = (x: tf.Tensor): tf.Tensor2D => tf.matMul(x as tf.Tensor2D, shared as tf.Tensor2D);
    const models = {
      trunk: ({ x }: { x: tf.Tensor }) => ({ y: trunk(x) }),
      decoder: ({ x }: { x: tf.Tensor }) => ({ y: tf.matMul(trunk(x), head as tf.Tensor2D) }),
    };
    const options = { name: 'f', inputs: { x: { shape: ['rows', 64] } }, precision } as const;
    const data = join(folder, `${precision}.data`);
    const file = createWeightsFile(data);
    const x = tf.randomNormal([3, 64], 0, 1, 'float32', 3);
    for (const [name, fn] of Object.entries(models)) {
      const path = join(folder, `${name}.onnx`);
      const exported = exportDynamicOnnx(fn, { ...options, path, externalData: file });
      expect(exported.files).toEqual([path, data]);
      expect(exported.onnx.length).toBeLessThan(2048);
    }
    file.close();
    const bytes = { single: 4, half: 2, int8: 1 }[precision];
    const scales = precision === 'int8' ? 4 * (64 + 128) : 0;
    expect(statSync(data).size).toBe(bytes * 64 * (64 + 128) + scales);
    for (const [name, fn] of Object.entries(models)) {
      const path = join(folder, `alone-${name}.onnx`);
      exportDynamicOnnx(fn, { ...options, path });
      const [alone, sharing] = [
        await runBare(path, { x }),
        await runBare(join(folder, `${name}.onnx`), { x }),
      ];
      expect(sharing.y.data).toEqual(alone.y.data);
    }
  });

  it('must be in the folder of the model', () => {
    const file = createWeightsFile(join(folder, 'weights.data'));
    const path = join(folder, 'inner', 'model.onnx');
    const options = { name: 'f', inputs: { x: { shape: ['rows'] } }, externalData: file } as const;
    expect(() => exportDynamicOnnx(({ x }) => ({ y: x.neg() }), { ...options, path })).toThrow(
      /exportDynamicOnnx\(f\): the weights file is .*weights\.data, expected a file in the folder of .*model\.onnx/,
    );
    file.close();
  });
});
