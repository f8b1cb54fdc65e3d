import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { jit } from '../index.js';

describe('jit under another backend', () => {
  beforeAll(async () => void (await tf.setBackend('cpu')));

  it('consumes donated arguments, but not what the result hands on', () => {
    const step = jit((state: { a: tf.Tensor; b: tf.Tensor }) => ({ a: tf.add(state.a, 1), b: state.b }), {
      donate: [0],
    });
    const state = { a: tf.scalar(1), b: tf.scalar(2) };
    const before = tf.memory().numTensors;
    const next = step(state);
    expect(state.a.isDisposed && state.b.isDisposed).toBe(true);
    expect(next.a.dataSync()[0] + next.b.dataSync()[0]).toBe(4);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('returns tensors of its own', () => {
    const x = tf.scalar(1);
    const v = tf.variable(tf.scalar(2));
    jit((a: tf.Tensor) => [a, v])(x).forEach((tensor) => tensor.dispose());
    expect(x.isDisposed || v.isDisposed).toBe(false);
  });

  it('refuses to lower and to profile', () => {
    const fn = jit((x: tf.Tensor) => tf.neg(x), { name: 'negate' });
    expect(fn.name).toBe('negate');
    expect(() => fn.lower(tf.scalar(1))).toThrow(
      /jit\(negate\)\.lower: needs the 'onnxruntime' backend, but 'cpu'/,
    );
    expect(() => fn.profile(tf.scalar(1))).toThrow(/needs the 'onnxruntime' backend/);
  });
});
