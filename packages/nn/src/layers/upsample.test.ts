import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { expectClose } from '../testing-internals/expect-close.js';
import { upsample2x } from './upsample.js';

const normals = (seed: number, shape: [number, number, number, number]): tf.Tensor4D =>
  tf.tensor4d(createRng(seed).normals(shape.reduce((a, b) => a * b)), shape);

// First with the gradients of TensorFlow.js: the engine's package, once loaded, brings its own.
describe.each([
  ['cpu', 'alone'],
  ['onnxruntime', 'eager'],
  ['onnxruntime', 'compiled'],
])('upsample2x, on %s, %s', (backend, mode) => {
  let jit: (typeof import('@transfusion/tfjs-backend-onnxruntime'))['jit'] | undefined;
  beforeAll(async () => {
    if (mode !== 'alone') ({ jit } = await import('@transfusion/tfjs-backend-onnxruntime'));
    await tf.setBackend(backend);
  }, 60_000);
  const run = <Args extends tf.Tensor[], Result extends tf.Tensor>(fn: (...args: Args) => Result) =>
    mode === 'compiled' ? jit!(fn) : fn;

  it('repeats each position', () => {
    const x = tf.tensor4d([1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6], [1, 2, 3, 2]);
    const y = run(upsample2x)(x);
    expect(y.shape).toEqual([1, 4, 6, 2]);
    const first = y.slice([0, 0, 0, 0], [1, 4, 6, 1]).reshape([4, 6]).arraySync();
    expect(first).toEqual([
      [1, 1, 2, 2, 3, 3],
      [1, 1, 2, 2, 3, 3],
      [4, 4, 5, 5, 6, 6],
      [4, 4, 5, 5, 6, 6],
    ]);
    expect(numbersOf(y.sum(3))).toEqual(Array(24).fill(0));
  });

  it('is what resizing to the nearest pixel gives', () => {
    const x = normals(1, [3, 2, 5, 4]);
    const expected = tf.image.resizeNearestNeighbor(x, [4, 10]);
    expect(numbersOf(run(upsample2x)(x))).toEqual(numbersOf(expected));
  });

  it('has the gradient that finite differences show: sums of four', () => {
    const x = normals(2, [2, 2, 3, 2]);
    const weights = normals(3, [2, 4, 6, 2]);
    const lossAt = (at: tf.Tensor): number =>
      numbersOf(
        upsample2x(at as tf.Tensor4D)
          .square()
          .mul(weights)
          .sum(),
      )[0];
    const gradient = run((at: tf.Tensor) =>
      tf.grad((current: tf.Tensor) =>
        upsample2x(current as tf.Tensor4D)
          .square()
          .mul(weights)
          .sum(),
      )(at),
    )(x);
    expect(gradient.shape).toEqual(x.shape);
    const STEP = 2 ** -5;
    const differences = Array.from({ length: x.size }, (_, i) => {
      const delta = tf.oneHot([i], x.size).reshape(x.shape).mul(STEP);
      return (lossAt(x.add(delta)) - lossAt(x.sub(delta))) / (2 * STEP);
    });
    expectClose(numbersOf(gradient), differences, { absolute: 2e-3, relative: 1e-3 });
  });
});

function numbersOf(x: tf.Tensor): number[] {
  return [...x.dataSync()];
}
