/** Every operation of a transformer gives a row the same bits, whatever is computed beside it. */
import * as tf from '@transfusion/tfjs';
import '../index.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectEqualBits, valuesOf } from '../testing-internals/bit-equality.js';
import { compileDynamic } from './compile-dynamic.js';

beforeAll(() => tf.setBackend('onnxruntime'));

const weight = (...shape: number[]): tf.Tensor =>
  tf.tensor(valuesOf(tf.util.sizeFromShape(shape), 99), shape);

it.each([
  [16, 24],
  [64, 3],
  [320, 896],
  [384, 1024],
  [640, 1792],
  [1792, 640],
  [640, 1],
  [640, 300],
  [12, 320],
])('products with weights %i x %i, of one position and of several', (K, N) => {
  const w = weight(K, N) as tf.Tensor2D;
  expectEqualBits(({ x }) => tf.matMul(x, w), { x: [K] });
  expectEqualBits(({ x }) => tf.matMul(x, w), { x: [4, K] });
});

describe.each([
  [5, 1, 64, 64],
  [10, 1, 64, 128],
  [2, 1, 16, 64],
  [1, 4, 8, 64],
  [5, 16, 64, 64],
  [10, 64, 64, 128],
  [2, 3, 40, 192],
])('attention of %i heads, %i new positions, width %i, %i in the cache', (heads, S, E, T) => {
  const rows = S > 16 ? [2, 3, 5, 8, 16] : undefined;
  it('scores', () => {
    expectEqualBits(({ q, k }) => tf.matMul(q, k, false, true), { q: [heads, S, E], k: [heads, T, E] }, rows);
  });
  it('softmax', () => expectEqualBits(({ x }) => tf.softmax(x), { x: [heads, S, T] }, rows));
  it('sums', () => {
    expectEqualBits(({ w, v }) => tf.matMul(w, v), { w: [heads, S, T], v: [heads, T, E] }, rows);
  });
});

it.each([16, 24, 320, 640])('norms and element-wise operations of width %i', (D) => {
  const gain = weight(D);
  for (const shape of [[D], [3, D]]) {
    expectEqualBits(({ x }) => x.div(tf.sqrt(tf.pow(x, 2).mean(-1, true).add(1e-5))).mul(gain), { x: shape });
    expectEqualBits(({ x }) => x.mul(tf.sigmoid(x)), { x: shape });
    expectEqualBits(({ x }) => tf.sin(x.mul(300)).add(tf.cos(x.mul(300))), { x: shape });
    expectEqualBits(({ x }) => tf.exp(x), { x: shape });
  }
});

it.each([
  [4, 3, 16],
  [8, 16, 32],
  [16, 32, 32],
  [32, 4, 64],
])('convolutions of maps of %i x %i, and their means as products', (side, from, to) => {
  const few = [2, 3, 4, 5, 8, 16];
  const bias = weight(to) as tf.Tensor1D;
  for (const [kernel, strides] of [
    [3, 1],
    [3, 2],
    [1, 1],
  ]) {
    const filter = weight(kernel, kernel, from, to) as tf.Tensor4D;
    expectEqualBits(
      ({ x }) =>
        tf.fused.conv2d({ x: x as tf.Tensor4D, filter, bias, strides, pad: 'same', activation: 'linear' }),
      { x: [side, side, from] },
      few,
    );
  }
  const P = side * side;
  expectEqualBits(({ x }) => tf.matMul(tf.fill([1, 1, P], 1 / P), x), { x: [P, from] }, few);
});

it('finds a mean over positions, which rounds one image in another order than several', () => {
  expect(() => expectEqualBits(({ x }) => x.mean(1, true), { x: [64, 16] }, [2])).toThrow(/row \d of 2: /);
});

it('attention does not depend on how many hidden positions the cache has', () => {
  const [heads, S, E] = [5, 3, 16];
  const attend = compileDynamic(
    ({ queries, keys, values, bias }) => ({
      sums: tf.matMul(tf.softmax(tf.matMul(queries, keys, false, true).add(bias)), values),
    }),
    {
      name: 'attend',
      inputs: {
        queries: { shape: [1, heads, S, E] },
        keys: { shape: [1, heads, 'capacity', E] },
        values: { shape: [1, heads, 'capacity', E] },
        bias: { shape: [1, 1, S, 'capacity'] },
      },
    },
  );
  const used = 50;
  const [keys, values] = [valuesOf(heads * used * E, 1), valuesOf(heads * used * E, 2)];
  const sumsIn = (capacity: number): Float32Array => {
    const bias = new Float32Array(S * capacity);
    for (let s = 0; s < S; s++) bias.fill(-1e9, s * capacity + used, (s + 1) * capacity);
    // Unused positions hold whatever was there.
    const stored = (array: Float32Array): Float32Array => {
      const result = valuesOf(heads * capacity * E, 3);
      for (let h = 0; h < heads; h++) {
        result.set(array.subarray(h * used * E, (h + 1) * used * E), h * capacity * E);
      }
      return result;
    };
    const sums = new Float32Array(heads * S * E);
    const inputs = { queries: valuesOf(heads * S * E, 4), keys: stored(keys), values: stored(values), bias };
    attend.run(inputs, { capacity }, { sums });
    return sums;
  };
  const expected = sumsIn(64);
  for (const capacity of [128, 192, 256, 384, 512, 768, 1024]) expect(sumsIn(capacity)).toEqual(expected);
  attend.dispose();
});
