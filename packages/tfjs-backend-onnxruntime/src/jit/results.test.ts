import * as tf from '@transfusion/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jit } from '../index.js';

beforeAll(() => tf.setBackend('onnxruntime'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);

describe('results of a compiled function', () => {
  it('are trees, static values included', () => {
    const step = jit((x: tf.Tensor) => ({
      sums: [x.sum(), x.mean()],
      note: 'fine',
      count: 2,
      nothing: null,
      flag: true,
    }));
    for (let i = 0; i < 2; i++) {
      const { sums, ...rest } = step(vector(1, 3));
      expect(sums.map((t) => t.arraySync())).toEqual([4, 2]);
      expect(rest).toEqual({ note: 'fine', count: 2, nothing: null, flag: true });
    }
  });

  it('may be nothing at all', () => {
    expect(jit((x: tf.Tensor) => void x.add(1))(vector(1))).toBeUndefined();
    expect(jit(() => ({}))()).toEqual({});
    expect(jit(() => [])()).toEqual([]);
  });

  it('may hand on an argument, as a tensor of its own', () => {
    const pass = jit((x: tf.Tensor) => x);
    const x = vector(1, 2);
    const y = pass(x);
    expect(y).not.toBe(x);
    x.dispose();
    expect(y.arraySync()).toEqual([1, 2]);
  });

  it('may hand on an argument that is donated', () => {
    const pass = jit((x: tf.Tensor) => [x, x.add(1)], { donate: [0] });
    let x: tf.Tensor = vector(1, 2);
    let next: tf.Tensor;
    for (let i = 0; i < 3; i++) {
      [x, next] = pass(x);
      expect(x.arraySync()).toEqual([1, 2]);
      expect(next.arraySync()).toEqual([2, 3]);
    }
  });

  it('may be the same tensor twice, as two tensors', () => {
    const twice = jit((x: tf.Tensor) => {
      const y = x.add(1);
      return { a: y, b: [y, y], x };
    });
    const { a, b, x } = twice(vector(1));
    a.dispose();
    b[0].dispose();
    expect([b[1].arraySync(), x.arraySync()]).toEqual([[2], [1]]);
  });

  it('may be views of one another', () => {
    const shapes = jit((x: tf.Tensor) => {
      const y = x.mul(2);
      return [y, y.reshape([2, 1]), y.expandDims(), x.reshape([1, 2, 1]), y.clone()];
    });
    for (let i = 0; i < 2; i++) {
      const results = shapes(vector(1, 2));
      expect(results.map((t) => t.shape)).toEqual([[2], [2, 1], [1, 2], [1, 2, 1], [2]]);
      expect(results.map((t) => [...t.dataSync()])).toEqual([
        [2, 4],
        [2, 4],
        [2, 4],
        [1, 2],
        [2, 4],
      ]);
    }
  });

  it('may be captured tensors, small and large', () => {
    const small = vector(1, 2);
    const large = tf.ones([500]);
    const get = jit(() => [small, large, small.add(1)]);
    for (let i = 0; i < 2; i++) {
      const [a, b, c] = get();
      expect([a.arraySync(), b.sum().arraySync(), c.arraySync()]).toEqual([[1, 2], 500, [2, 3]]);
      tf.dispose([a, b, c]);
    }
    expect(small.isDisposed).toBe(false);
  });

  it('may be constants', () => {
    const get = jit((x: tf.Tensor) => [
      tf.scalar(3),
      tf.fill([2], 7),
      tf.tensor1d([1, 2], 'int32'),
      x.zerosLike(),
    ]);
    for (let i = 0; i < 2; i++) {
      expect(get(vector(5)).map((t) => t.arraySync())).toEqual([3, [7, 7], [1, 2], [0]]);
    }
  });

  it('may be empty', () => {
    const get = jit((x: tf.Tensor) => ({ none: tf.zeros([0, 3]), cut: x.slice([2], [0]), sum: x.sum() }));
    for (let i = 0; i < 2; i++) {
      const { none, cut, sum } = get(vector(1, 2));
      expect([none.shape, cut.shape, sum.arraySync()]).toEqual([[0, 3], [0], 3]);
      expect([none.dataSync().length, cut.arraySync()]).toEqual([0, []]);
    }
    const onlyEmpty = jit((x: tf.Tensor) => x);
    expect(onlyEmpty(tf.zeros([0, 2])).shape).toEqual([0, 2]);
  });

  it('have the types of the function, int32 and bool included', () => {
    const get = jit((x: tf.Tensor) => [x.greater(1), x.toInt(), x.argMax(), tf.onesLike(x.toBool())]);
    const results = get(vector(1, 2));
    expect(results.map((t) => t.dtype)).toEqual(['bool', 'int32', 'int32', 'bool']);
    expect(results.map((t) => [...t.dataSync()])).toEqual([[0, 1], [1, 2], [1], [1, 1]]);
  });

  it('of one call are not touched by the next', () => {
    const step = jit((x: tf.Tensor) => x.mul(2));
    const kept = [1, 2, 3, 4].map((value) => step(tf.fill([50], value)));
    const arrays = kept.map((t) => t.dataSync());
    for (let i = 0; i < 10; i++) tf.tidy(() => step(tf.fill([50], -i)).dataSync());
    expect(arrays.map((array) => array[49])).toEqual([2, 4, 6, 8]);
    expect(kept.map((t) => t.dataSync()[0])).toEqual([2, 4, 6, 8]);
  });

  it('that were read are not touched when they have been donated', () => {
    const step = jit((x: tf.Tensor) => x.add(1), { donate: [0] });
    let x: tf.Tensor = tf.zeros([50]);
    const read: Float32Array[] = [];
    for (let i = 0; i < 6; i++) {
      read.push(x.dataSync<'float32'>());
      x = step(x);
    }
    expect(read.map((array) => array[0])).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
