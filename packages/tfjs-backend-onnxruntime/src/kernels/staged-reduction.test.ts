import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { jit } from '../index.js';

beforeAll(() => tf.setBackend('onnxruntime'));

/** In float32 one by one, 0.1 a million times is off by a hundredth. */
const VALUE = Math.fround(0.1);

const LONG: readonly (readonly [string, number[], number[] | undefined, number])[] = [
  ['all elements', [2 ** 20], undefined, 2 ** 20],
  ['a prime number of elements', [1_048_573], undefined, 1_048_573],
  ['columns', [2 ** 18, 3], [0], 2 ** 18],
  ['a prime number of rows', [262_139, 2], [0], 262_139],
  ['rows', [2, 2 ** 19], [1], 2 ** 19],
  ['neighboring axes', [512, 2, 512], [1, 2], 1024],
  ['axes apart', [64, 3, 8192], [2, 0], 2 ** 19],
  ['twice a prime', [2 * 131_071, 2], [0], 2 * 131_071],
];

describe('sums and means over long axes agree with float64', () => {
  it.each(LONG)('%s', (_name, shape, axes, terms) => {
    tf.tidy(() => {
      const x = tf.fill(shape, VALUE);
      const of = (a: tf.Tensor): tf.Tensor[] => [tf.sum(a, axes), tf.sum(a, axes, true), tf.mean(a, axes)];
      const compiled = jit(of);
      for (const [sum, kept, mean] of [of(x), compiled(x)]) {
        const relative = (t: tf.Tensor, expected: number): number =>
          Math.max(...Array.from(t.dataSync(), (value) => Math.abs(value / expected - 1)));
        expect(relative(sum, terms * VALUE)).toBeLessThan(1e-5);
        expect(relative(mean, VALUE)).toBeLessThan(1e-5);
        expect(kept.shape).toEqual(shape.map((dim, i) => (axes === undefined || axes.includes(i) ? 1 : dim)));
        expect(kept.dataSync()).toEqual(sum.dataSync());
      }
      compiled.dispose();
    });
  });

  it('of different elements', () => {
    tf.tidy(() => {
      const [rows, columns] = [20_011, 3];
      const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i) + (i % columns));
      const expected = [0, 0, 0];
      values.forEach((value, i) => (expected[i % columns] += value));
      const sums = tf.sum(tf.tensor(values, [rows, columns]), 0).dataSync();
      sums.forEach((sum, i) => expect(Math.abs(sum - expected[i])).toBeLessThan(0.02));
    });
  });

  it('in gradients of a bias', () => {
    tf.tidy(() => {
      const slope = tf.grad((bias: tf.Tensor) =>
        tf
          .zeros([2 ** 18, 2])
          .add(bias)
          .mul(VALUE),
      )(tf.zeros([2]));
      slope.dataSync().forEach((value) => expect(Math.abs(value / (2 ** 18 * VALUE) - 1)).toBeLessThan(1e-5));
    });
  });

  it('short axes take one operator', () => {
    for (const [shape, axes] of [
      [[4096, 2], [0]],
      [
        [64, 2, 64],
        [0, 2],
      ],
    ]) {
      const sum = jit((x: tf.Tensor) => tf.sum(x, axes));
      expect(sum.lower(tf.zeros(shape)).nodeCount).toBe(1);
      sum.dispose();
    }
  });
});
