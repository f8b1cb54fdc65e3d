import * as tf from '@transfusion/tfjs';
import '../index.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileDynamic } from './compile-dynamic.js';

beforeAll(() => tf.setBackend('onnxruntime'));
afterAll(() => tf.setBackend('onnxruntime'));

const values = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i));
const size = fc.integer({ min: 1, max: 24 });

/** A function with reshapes, products, joins and splits that depend on three axes. */
function attention(weight: tf.Tensor2D) {
  return ({ x, past, bias }: { x: tf.Tensor; past: tf.Tensor; bias: tf.Tensor }) => {
    const [B, S] = x.shape;
    const T = past.shape[1]!;
    const y = tf
      .matMul(x.reshape([-1, 6]), weight)
      .reshape([B, S, 2, 3])
      .transpose([0, 2, 1, 3]);
    const keys = past.reshape([B, T, 2, 3]).transpose([0, 2, 1, 3]);
    const scores = tf.concat([tf.matMul(y, keys, false, true).add(bias), tf.matMul(y, y, false, true)], 3);
    const [toPast, toNew] = tf.split(tf.softmax(scores), [T, S], 3);
    const sum = tf.matMul(toPast, keys).add(tf.matMul(toNew, y));
    return {
      sum: sum.transpose([0, 2, 1, 3]).reshape([B, S, 6]),
      scores,
      first: y.slice([0, 0, 0, 0], [-1, 1, 1, 3]),
    };
  };
}

const inputs = {
  x: { shape: ['rows', 'length', 6] },
  past: { shape: ['rows', 'past', 6] },
  bias: { shape: ['rows', 1, 1, 'past'] },
} as const;

describe.each(['onnxruntime', 'cpu'])('on %s', (backend) => {
  it('one compiled function is the function at any sizes', async () => {
    await tf.setBackend(backend);
    const weight = tf.tensor2d(values(36), [6, 6]);
    const fn = attention(weight);
    const compiled = compileDynamic(fn, { name: 'attention', inputs });
    fc.assert(
      fc.property(size, size, size, (rows, length, past) => {
        const sizes = { rows, length, past };
        const arrays = {
          x: values(rows * length * 6),
          past: values(rows * past * 6),
          bias: values(rows * past),
        };
        const shapes = compiled.outputShapes(sizes);
        const outputs = {
          sum: new Float32Array(tf.util.sizeFromShape(shapes.sum)),
          scores: new Float32Array(tf.util.sizeFromShape(shapes.scores)),
          first: new Float32Array(tf.util.sizeFromShape(shapes.first)),
        };
        compiled.run(arrays, sizes, outputs);
        tf.tidy(() => {
          const expected = fn({
            x: tf.tensor(arrays.x, [rows, length, 6]),
            past: tf.tensor(arrays.past, [rows, past, 6]),
            bias: tf.tensor(arrays.bias, [rows, 1, 1, past]),
          });
          for (const name of ['sum', 'scores', 'first'] as const) {
            expect(shapes[name]).toEqual(expected[name].shape);
            const found = tf.tensor(outputs[name], shapes[name]);
            expect(found.sub(expected[name]).abs().max().dataSync()[0], name).toBeLessThan(1e-5);
          }
        });
      }),
      { numRuns: backend === 'cpu' ? 5 : 30 },
    );
    compiled.dispose();
    weight.dispose();
  });

  it('reads views, writes in place, and computes only what is asked for', async () => {
    await tf.setBackend(backend);
    const doubled = compileDynamic(({ x }) => ({ twice: x.mul(2), whole: x.sum([1]) }), {
      name: 'doubled',
      inputs: { x: { shape: ['rows', 2] } },
    });
    const memory = Float32Array.from({ length: 12 }, (_, i) => i);
    const result = new Float32Array(8).fill(-1);
    doubled.run({ x: memory.subarray(4, 8) }, { rows: 2 }, { twice: result.subarray(2, 6) });
    expect([...result]).toEqual([-1, -1, 8, 10, 12, 14, -1, -1]);
    doubled.dispose();
    expect(() => doubled.run({ x: memory.subarray(4, 8) }, { rows: 2 }, {})).toThrow(
      'doubled: run after dispose',
    );
  });

  it('writes into arrays that it also reads', async () => {
    await tf.setBackend(backend);
    const append = compileDynamic(
      ({ cache, places, rows }) => {
        const updated = tf.tensorScatterUpdate(cache, places, rows);
        return { cache: updated, sum: updated.sum([1, 2]) };
      },
      {
        name: 'append',
        inputs: {
          cache: { shape: ['rows', 'capacity', 4] },
          places: { shape: ['rows', 1, 2], dtype: 'int32' },
          rows: { shape: ['rows', 1, 4] },
        },
      },
    );
    // Large enough for outputs that ONNX Runtime does not copy.
    const capacity = 10_000;
    const cache = new Float32Array(2 * capacity * 4);
    const expected = cache.slice();
    const sum = new Float32Array(2);
    for (const position of [0, 5, capacity - 1]) {
      const rows = Float32Array.from({ length: 8 }, (_, i) => position + i);
      const places = Int32Array.from([0, position, 1, position]);
      append.run({ cache, places, rows }, { rows: 2, capacity }, { cache, sum });
      expected.set(rows.subarray(0, 4), position * 4);
      expected.set(rows.subarray(4), (capacity + position) * 4);
      expect(cache).toEqual(expected);
    }
    const all = 4 * (5 + capacity - 1);
    expect([...sum]).toEqual([all + 3 * 6, all + 3 * 22]);
    append.dispose();
  });

  it('refuses arrays that do not fit', async () => {
    await tf.setBackend(backend);
    const copied = compileDynamic(({ x }) => ({ y: x.add(1) }), {
      name: 'copied',
      inputs: { x: { shape: ['rows', 2] } },
    });
    const run = (x: Float32Array | Int32Array, y: Float32Array) => () =>
      copied.run({ x }, { rows: 2 }, { y });
    expect(run(new Float32Array(3), new Float32Array(4))).toThrow(
      "copied: 'x' is Float32Array[3], expected Float32Array[4] for the shape [2, 2].",
    );
    expect(run(new Int32Array(4), new Float32Array(4))).toThrow(
      "'x' is Int32Array[4], expected Float32Array[4]",
    );
    expect(run(new Float32Array(4), new Float32Array(5))).toThrow("'y' is Float32Array[5]");
    expect(() => copied.run({} as never, { rows: 2 }, {})).toThrow("'x' is missing");
    copied.dispose();
  });

  it('frees the tensors that it owns', async () => {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const owned = tf.tensor1d([1, 2, 3]);
    const compiled = compileDynamic(({ x }) => ({ y: x.mul(owned) }), {
      name: 'scaled',
      inputs: { x: { shape: ['rows', 3] } },
      owned: [owned],
    });
    const y = new Float32Array(3);
    compiled.run({ x: Float32Array.of(1, 1, 2) }, { rows: 1 }, { y });
    expect([...y]).toEqual([1, 2, 6]);
    compiled.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('refuses what depends on lengths in another way, by name', () => {
  beforeAll(() => tf.setBackend('onnxruntime'));
  const compile = (
    fn: (x: tf.Tensor) => tf.Tensor,
    shape: readonly (number | string)[] = ['rows', 'length'],
  ) => compileDynamic(({ x }) => ({ y: fn(x) }), { name: 'f', inputs: { x: { shape } } });

  it.each<[string, (x: tf.Tensor) => tf.Tensor, string]>([
    [
      'a range',
      (x) => x.add(tf.range(0, x.shape[1]!)),
      'a constant of Add (ONNX Add) depends on the size of an axis',
    ],
    ['a number', (x) => x.div(x.shape[0]), 'a constant of RealDiv (ONNX Div) depends on the size of an axis'],
    ['a square', (x) => tf.tile(x, [x.shape[0] * x.shape[0], 1]), 'no sum of products of the axes'],
    [
      'a quotient',
      (x) => x.slice([0, 0], [Math.floor(x.shape[0] / 2), -1]),
      'no sum of products of the axes',
    ],
    ['a choice', (x) => (x.shape[0] > 6 ? x.mul(2) : x.add(2)), 'computes differently for other sizes'],
    ['a count', (x) => tf.addN(Array.from({ length: x.shape[0] }, () => x.square())), 'for other sizes'],
  ])('%s', (_, fn, message) => {
    const before = tf.memory().numTensors;
    expect(() => compile(fn)).toThrow(message);
    expect(() => compile(fn)).toThrow('compileDynamic(f): ');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('too many axes', () => {
    expect(() => compile((x) => x.neg(), ['a', 'b', 'c', 'd', 'e'])).toThrow(
      'the inputs have 5 axes (a, b, c, d, e), expected at most 4',
    );
  });
});
