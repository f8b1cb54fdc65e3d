import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { jit } from '../index.js';

beforeAll(() => tf.setBackend('onnxruntime'));

const layer = jit((x: tf.Tensor2D, w: tf.Tensor2D) => tf.relu(x.matMul(w)).sum(1), { name: 'layer' });

describe('lower', () => {
  it('describes the compiled function, without running it', () => {
    const { nodeCount, nodesByOperator, onnx } = layer.lower(tf.ones([2, 3]), tf.ones([3, 4]));
    expect(nodesByOperator).toEqual({ MatMul: 1, Relu: 1, ReduceSum: 1 });
    expect(nodeCount).toBe(3);
    expect(Buffer.from(onnx).includes('ReduceSum')).toBe(true);
    expect(layer.traceCount).toBe(1);
    layer(tf.ones([2, 3]), tf.ones([3, 4]));
    expect(layer.traceCount).toBe(1);
  });

  it('names nodes after the kernels they came from', () => {
    const { onnx } = layer.lower(tf.ones([2, 3]), tf.ones([3, 4]));
    const text = Buffer.from(onnx).toString('latin1');
    for (const name of ['BatchMatMul/MatMul_0', 'Relu/Relu_1', 'Sum/ReduceSum_2'])
      expect(text).toContain(name);
  });

  it('consumes no arguments and leaves no tensors', () => {
    const step = jit((x: tf.Tensor) => x.add(1), { donate: [0] });
    const x = tf.ones([3]);
    const before = tf.memory();
    step.lower(x);
    expect(x.isDisposed).toBe(false);
    expect(tf.memory()).toEqual(before);
  });
});

describe('profile', () => {
  it('reports the time of each operator', () => {
    const [x, w] = [tf.ones([64, 64]), tf.ones([64, 64])] as [tf.Tensor2D, tf.Tensor2D];
    const before = tf.memory();
    const profile = layer.profile(x, w);
    expect(tf.memory()).toEqual(before);
    expect(profile.rows.map(({ kernel }) => kernel)).toContain('BatchMatMul');
    expect(profile.rows.every(({ calls, milliseconds }) => calls >= 1 && milliseconds >= 0)).toBe(true);
    expect(profile.rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(profile.milliseconds).toBeGreaterThan(0);
    expect(profile.toString()).toMatch(/BatchMatMul/);
    expect(profile.toString()).toMatch(/total/);
  });

  it('leaves variables as they are', () => {
    const w = tf.variable(tf.zeros([2]));
    const step = jit(() => w.assign(w.add(1)));
    step.profile();
    expect(w.arraySync()).toEqual([0, 0]);
    w.dispose();
  });

  it('of a function that computes nothing is empty', () => {
    const profile = jit(() => tf.zeros([0])).profile();
    expect(profile.rows).toEqual([]);
    expect(profile.milliseconds).toBe(0);
  });
});
