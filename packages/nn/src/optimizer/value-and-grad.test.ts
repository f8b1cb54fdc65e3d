import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeParams } from '../params.js';
import { valueAndGrad } from './value-and-grad.js';

describe.each(['cpu', 'onnxruntime'])('valueAndGrad on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  const makeParams = () => ({ a: tf.tensor1d([1, 2]), rest: [tf.scalar(3), tf.tensor2d([[5, 6]])] });
  type P = ReturnType<typeof makeParams>;
  const lossOf = ({ a, rest }: P) => {
    const squares = a.square().mul(rest[0]);
    return { loss: squares.sum() as tf.Scalar, aux: { squares, count: tf.scalar(2) } };
  };

  it('gives loss, gradients in the parameters’ structure, and aux', () => {
    const { loss, gradients, aux } = valueAndGrad(lossOf, makeParams());
    expect(loss.arraySync()).toBe(15);
    expect(gradients.a.arraySync()).toEqual([6, 12]);
    expect(gradients.rest[0].arraySync()).toBe(5);
    expect(aux.squares.arraySync()).toEqual([3, 12]);
    expect(aux.count.arraySync()).toBe(2);
  });

  it('gives zeros for parameters that the loss does not depend on', () => {
    expect(valueAndGrad(lossOf, makeParams()).gradients.rest[1].arraySync()).toEqual([[0, 0]]);
    const { loss, gradients } = valueAndGrad(() => ({ loss: tf.scalar(7), aux: {} }), makeParams());
    expect(loss.arraySync()).toBe(7);
    expect(gradients.a.arraySync()).toEqual([0, 0]);
  });

  it('leaves no tensors but its results', () => {
    const params = makeParams();
    disposeParams(valueAndGrad(lossOf, params));
    const before = tf.memory().numTensors;
    const results = valueAndGrad(lossOf, params);
    expect(tf.memory().numTensors).toBe(before + 6);
    disposeParams(results);
    expect(tf.memory().numTensors).toBe(before);
    const loss = tf.tidy(() => valueAndGrad(lossOf, params).loss);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(loss.arraySync()).toBe(15);
  });

  it('works again after a loss that throws', () => {
    const failing = (p: P): never => {
      throw new Error(`no loss of ${p.a.size} numbers`);
    };
    expect(() => valueAndGrad(failing, makeParams())).toThrow('no loss of 2 numbers');
    expect(valueAndGrad(lossOf, makeParams()).loss.arraySync()).toBe(15);
  });

  it('results are tensors of their own: parameters and outer tensors survive them', () => {
    const params = makeParams();
    const outer = tf.scalar(9);
    const results = valueAndGrad((p: P) => {
      const loss = p.rest[0] as tf.Scalar;
      return { loss, aux: { loss, again: loss, a: p.a, outer } };
    }, params);
    expect(results.gradients.rest[0].arraySync()).toBe(1);
    disposeParams(results);
    expect([params.a, ...params.rest, outer].some((tensor) => tensor.isDisposed)).toBe(false);
    expect(params.a.arraySync()).toEqual([1, 2]);
    const inTidy = tf.tidy(() =>
      valueAndGrad((p: P) => ({ loss: p.a.sum() as tf.Scalar, aux: { a: p.a } }), params),
    );
    inTidy.aux.a.dispose();
    expect(params.a.arraySync()).toEqual([1, 2]);
  });

  it('differentiates inside a gradient', () => {
    const second = tf.grad((x: tf.Tensor) => {
      const inner = valueAndGrad(
        ({ y }: { y: tf.Tensor }) => ({ loss: y.pow(3).sum() as tf.Scalar, aux: {} }),
        { y: x },
      );
      return inner.gradients.y.sum();
    });
    expect(Math.round(second(tf.scalar(2)).dataSync()[0] * 1e4) / 1e4).toBe(12);
  });

  it('is the same compiled', () => {
    const params = makeParams();
    const eager = valueAndGrad(lossOf, params);
    const compiled = jit((p: P) => valueAndGrad(lossOf, p))(params);
    expect(compiled.loss.arraySync()).toEqual(eager.loss.arraySync());
    expect(compiled.gradients.a.arraySync()).toEqual(eager.gradients.a.arraySync());
    expect(compiled.gradients.rest[1].arraySync()).toEqual([[0, 0]]);
    expect(compiled.aux.squares.arraySync()).toEqual([3, 12]);
  });

  it.each([
    ['a vector', () => tf.zeros([2]), 'the loss is float32 [2], expected a float32 scalar'],
    ['an integer', () => tf.scalar(1, 'int32'), 'the loss is int32 [], expected a float32 scalar'],
  ])('refuses %s for a loss', (_, make, message) => {
    const lossFn = () => ({ loss: make() as tf.Scalar, aux: {} });
    expect(() => valueAndGrad(lossFn, makeParams())).toThrow(`valueAndGrad: ${message}`);
  });
});
