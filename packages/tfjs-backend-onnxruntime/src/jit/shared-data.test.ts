import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { jit } from '../index.js';

beforeAll(async () => void (await tf.setBackend('onnxruntime')));

const numbers = (count: number, next: () => tf.Tensor): number[] =>
  Array.from({ length: count }, () => next().dataSync()[0]);

describe('variables of a jitted function', () => {
  it('are distinguished from the tensor they were made from', () => {
    const initial = tf.ones([100]);
    const v = tf.variable(initial);
    const grow = jit(() => {
      v.assign(tf.add(v, initial));
      return tf.mean(v);
    });
    expect(numbers(3, grow)).toEqual([2, 3, 4]);
  });

  it('do not take views made outside along', () => {
    const v = tf.variable(tf.ones([100]));
    const snapshot = v.reshape([10, 10]);
    const grow = jit(() => {
      v.assign(tf.mul(v, 2));
      return tf.mean(snapshot);
    });
    expect(numbers(3, grow)).toEqual([1, 1, 1]);
    expect(v.dataSync()[0]).toBe(8);
  });

  it('may be created with another element type', () => {
    let v: tf.Variable | undefined;
    const count = jit(() => {
      v ??= tf.variable(tf.zeros([2]), true, undefined, 'int32');
      v.assign(tf.add(v, tf.scalar(1, 'int32')));
      return tf.sum(v);
    });
    expect(numbers(3, count)).toEqual([2, 4, 6]);
  });

  it('cannot be assigned where they are frozen', () => {
    const v = tf.variable(tf.ones([100]), true, 'frozen_in_test');
    const grow = jit(() => v.assign(tf.add(v, 1)), { captures: 'embed' });
    expect(() => grow()).toThrow(
      /captures: 'embed' freezes variables, but the function assigns 'frozen_in_test'/,
    );
    expect(v.dataSync()[0]).toBe(1);
  });

  it('cannot be read while tracing, which would freeze what they hold', () => {
    const v = tf.variable(tf.scalar(2));
    expect(() => jit((x: tf.Tensor) => tf.add(x, v.dataSync()[0]))(tf.scalar(1))).toThrow(
      /dataSync\(\) reads/,
    );
  });

  it('that have been disposed of stay so', () => {
    const v = tf.variable(tf.scalar(0));
    const store = jit((x: tf.Tensor) => {
      v.assign(x as tf.Scalar);
      return tf.neg(x);
    });
    const x = tf.scalar(3);
    store(x).dispose();
    v.dispose();
    const before = tf.memory().numTensors;
    store(x).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('captured tensors', () => {
  it('are counted while a compiled function holds them, and not after', () => {
    const before = tf.memory();
    const weight = tf.ones([100]);
    const scaled = jit((x: tf.Tensor) => tf.mul(x, weight));
    tf.tidy(() => scaled(tf.scalar(2)).dataSync());
    weight.dispose();
    expect(tf.tidy(() => scaled(tf.scalar(3)).dataSync()[0])).toBe(3);
    expect(tf.memory().numTensors).toBe(before.numTensors + 1);
    scaled.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });
});
