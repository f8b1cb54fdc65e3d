import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { beforeAll, describe, expect, it } from 'vitest';
import { mapParams } from '../params.js';
import { valueAndGrad } from '../optimizer/value-and-grad.js';
import { stopGradient } from '../stop-gradient.js';

describe.each([
  ['cpu', 'eager'],
  ['onnxruntime', 'eager'],
  ['onnxruntime', 'compiled'],
])('stopGradient, on %s, %s', (backend, mode) => {
  beforeAll(() => tf.setBackend(backend));
  type Numbers = { readonly x: tf.Tensor1D };
  const differentiate = (lossOf: (x: tf.Tensor1D) => tf.Tensor): { loss: number; gradient: number[] } => {
    const run = (params: Numbers) =>
      valueAndGrad((at: Numbers) => ({ loss: lossOf(at.x).sum() as tf.Scalar, aux: {} }), params);
    const { loss, gradients } = (mode === 'eager' ? run : jit(run))({ x: tf.tensor1d([1, -2, 3]) });
    // Adding 0 makes a 0 of -0.
    return { loss: loss.dataSync()[0], gradient: [...gradients.x.add(0).dataSync()] };
  };

  it('passes the value, and no gradient', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    expect(stopGradient(x).arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(differentiate((at) => stopGradient(at).square())).toEqual({ loss: 14, gradient: [0, 0, 0] });
    expect(differentiate((at) => stopGradient(at.square()))).toEqual({ loss: 14, gradient: [0, 0, 0] });
  });

  it('leaves the gradient of other ways to the same tensor', () => {
    expect(differentiate((at) => at.mul(stopGradient(at)))).toEqual({ loss: 14, gradient: [1, -2, 3] });
    expect(differentiate((at) => at.square().add(stopGradient(at)))).toEqual({
      loss: 16,
      gradient: [2, -4, 6],
    });
  });

  it('gives a tensor of its own, and maps trees', () => {
    const x = tf.scalar(2);
    const stopped = stopGradient(x);
    x.dispose();
    expect(stopped.dataSync()[0]).toBe(2);
    const tree = mapParams({ a: tf.scalar(1), b: [tf.scalar(2)] }, stopGradient);
    expect([tree.a, tree.b[0]].map((tensor) => tensor.dataSync()[0])).toEqual([1, 2]);
  });
});
