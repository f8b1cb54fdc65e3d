import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TransfusionError, type TransfusionErrorCode } from '@transfusion/errors';
import { ProtobufWriter } from './graph/protobuf-writer.js';
import { exportOnnx, openOnnxModel, type OnnxTensor } from './index.js';
import { withSequenceOutput } from './runtime/uncopied-outputs.js';
import { incrementModel } from './testing-internals/increment-model.js';

let folder: string;

beforeAll(async () => {
  await tf.setBackend('onnxruntime');
  folder = mkdtempSync(join(tmpdir(), 'open-onnx-model-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const float32 = (shape: number[], data: number[]): OnnxTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

async function expectError(
  code: TransfusionErrorCode,
  attempt: Promise<unknown>,
  text: string,
): Promise<void> {
  const error: unknown = await attempt.catch((caught: unknown) => caught);
  expect(TransfusionError.isInstance(error) && error.code).toBe(code);
  expect((error as Error).message).toContain(text);
}

/** Writes sum and product of two inputs. */
function arithmetic(externalData = false): string {
  const path = join(folder, 'arithmetic.onnx');
  const two = { two: tf.fill([64, 64], 2) };
  const example = tf.zeros([2, 64]);
  exportOnnx(
    ({ two }: { two: tf.Tensor }, a: tf.Tensor, b: tf.Tensor) => [a.add(b), tf.matMul(a, two).mul(b)],
    [example, example],
    { path, params: two, inputNames: ['a', 'b'], outputNames: ['sum', 'product'], externalData },
  );
  return path;
}

describe('openOnnxModel', () => {
  const [a, b] = [3, 5].map((value) =>
    float32(
      [2, 64],
      Array.from({ length: 128 }, () => value),
    ),
  );

  it.each([false, true])('runs a file (external data: %s)', async (externalData) => {
    const model = await openOnnxModel(arithmetic(externalData));
    expect(model.inputs).toEqual([
      { name: 'a', dtype: 'float32', shape: [2, 64] },
      { name: 'b', dtype: 'float32', shape: [2, 64] },
    ]);
    expect(model.outputs.map(({ name }) => name)).toEqual(['sum', 'product']);
    const { sum, product } = await model.run({ a, b });
    expect(sum).toEqual(
      float32(
        [2, 64],
        Array.from({ length: 128 }, () => 8),
      ),
    );
    expect(product).toEqual(
      float32(
        [2, 64],
        Array.from({ length: 128 }, () => 3 * 2 * 64 * 5),
      ),
    );
    expect(await model.run({ a, b }, ['product'])).toEqual({ product });
    model.dispose();
  });

  it('lets the event loop turn before it computes', async () => {
    const model = await openOnnxModel(arithmetic());
    const order: string[] = [];
    setImmediate(() => order.push('turned'));
    await model.run({ a, b }).then(() => order.push('computed'));
    expect(order).toEqual(['turned', 'computed']);
    model.dispose();
  });

  it('reads dynamic axes and element types without an array, and computes with others', async () => {
    const path = join(folder, 'casts.onnx');
    writeFileSync(path, casts());
    const model = await openOnnxModel(path);
    expect(model.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['batch', '', 2] }]);
    expect(model.outputs.map(({ name, dtype }) => [name, dtype])).toEqual(
      Object.keys(CASTS).map((d) => [d, d]),
    );
    const feeds = { x: float32([1, 1, 2], [1, 2]) };
    const results = await model.run(feeds, ['float16', 'int64', 'bool', 'string']);
    expect(results).toEqual({
      float16: { dtype: 'float16', shape: [1, 1, 2], data: Uint16Array.of(0x3c00, 0x4000) },
      int64: { dtype: 'int64', shape: [1, 1, 2], data: BigInt64Array.of(1n, 2n) },
      bool: { dtype: 'bool', shape: [1, 1, 2], data: Uint8Array.of(1, 1) },
      string: { dtype: 'string', shape: [1, 1, 2], data: ['1', '2'] },
    });
    await expectError('onnxruntime-run', model.run(feeds, ['bfloat16']), `${path}: ONNX Runtime failed: `);
    model.dispose();
  });

  it('reads outputs that are no tensors', async () => {
    const path = join(folder, 'sequence.onnx');
    writeFileSync(path, withSequenceOutput(incrementModel()));
    const model = await openOnnxModel(path);
    expect(model.outputs[0]).toEqual({ name: 'uncopied', dtype: undefined, shape: [] });
    expect(await model.run({ x0: float32([2], [1, 2]) }, ['t0'])).toEqual({ t0: float32([2], [2, 3]) });
    model.dispose();
  });
});

describe('errors name the file and', () => {
  it('what is wrong with it', async () => {
    const path = join(folder, 'damaged.onnx');
    await expectError('invalid-file', openOnnxModel(path), `${path}: ONNX Runtime cannot load it (`);
    writeFileSync(path, '<html>');
    await expectError('invalid-file', openOnnxModel(path), `${path}: ONNX Runtime cannot load it (`);
  });

  it('inputs and outputs that are missing, unknown or do not fit', async () => {
    const path = arithmetic();
    const model = await openOnnxModel(path);
    const a = float32([2, 64], new Array(128).fill(1));
    const expected = "expected 'a', 'b'.";
    await expectError('invalid-argument', model.run({ a }), `${path}: misses the input 'b', ${expected}`);
    await expectError('invalid-argument', model.run({ a, b: a, c: a }), `has no input 'c', ${expected}`);
    const total = model.run({ a, b: a }, ['total']);
    await expectError('invalid-argument', total, "has no output 'total', expected 'sum', 'product'.");
    const narrow = float32([2, 32], new Array(64).fill(1));
    await expectError('onnxruntime-run', model.run({ a, b: narrow }), `${path}: ONNX Runtime failed: `);
    model.dispose();
    model.dispose();
    await expectError('disposed', model.run({ a, b: a }), `${path}: run after dispose`);
  });

  it('an execution provider that does not exist', async () => {
    const opened = openOnnxModel(arithmetic(), { executionProviders: ['tpu' as 'cpu'] });
    await expectError('invalid-argument', opened, "'tpu' is not one of");
  });
});

/** Element types to cast to, with their numbers in ONNX. */
const CASTS = { float16: 10, int64: 7, bool: 9, string: 8, bfloat16: 16 };

/** Serializes casts of x, of the shape [batch, (a dynamic axis without a name), 2]. */
function casts(): Uint8Array {
  const message = (): ProtobufWriter => new ProtobufWriter();
  const port = (name: string, type: number): ProtobufWriter => {
    const axes = [message().string(2, 'batch'), message(), message().int(1, 2)];
    const shape = axes.reduce((all, axis) => all.message(1, axis), message());
    const tensor = message().int(1, type).message(2, shape);
    return message().string(1, name).message(2, message().message(1, tensor));
  };
  const graph = message();
  for (const [name, type] of Object.entries(CASTS)) {
    const to = message().string(1, 'to').int(3, type).int(20, 2);
    graph.message(1, message().string(1, 'x').string(2, name).string(4, 'Cast').message(5, to));
  }
  graph.string(2, 'casts').message(11, port('x', 1));
  for (const [name, type] of Object.entries(CASTS)) graph.message(12, port(name, type));
  return message().int(1, 10).message(7, graph).message(8, message().int(2, 21)).finish();
}
