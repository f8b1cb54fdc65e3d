/** AdamW and clipping against PyTorch: on two backends, and compiled. */
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { beforeAll, describe, expect, it } from 'vitest';
import { flattenParams } from '../params.js';
import { expectClose } from '../testing-internals/expect-close.js';
import { readGolden } from '../testing-internals/golden.js';
import { tidied } from '../testing-internals/tidied.js';
import { adamW, type AdamWOptions, type AdamWState } from './adam-w.js';
import { clipByGlobalNorm, globalNorm } from './clip-by-global-norm.js';

type Values = Record<'matrix' | 'vector', number[]>;
type Tree = Record<'matrix' | 'vector', tf.Tensor>;
const golden = readGolden<{
  shapes: Values;
  start: Values;
  gradients: Values[];
  learningRates: number[];
  adamW: { options: AdamWOptions; float32: Values; float64: Values[] }[];
  clip: { maxNorm: number; norm: number; clipped: Values }[];
}>('optimizer.json');

const toTree = ({ matrix, vector }: Values): Tree => ({
  matrix: tf.tensor(matrix, golden.shapes.matrix),
  vector: tf.tensor(vector, golden.shapes.vector),
});

function expectTree(found: Tree, expected: Values, tolerance: number, label: string): void {
  for (const name of ['matrix', 'vector'] as const) {
    const limits = { relative: tolerance, absolute: tolerance };
    expectClose(found[name].dataSync(), expected[name], limits, `${label}, ${name}`);
  }
}

describe.each([
  ['cpu', 'eager'],
  ['onnxruntime', 'eager'],
  ['onnxruntime', 'compiled'],
])('on %s, %s', (backend, mode) => {
  beforeAll(() => tf.setBackend(backend));

  it.each(golden.adamW)('twenty steps with $options are PyTorch’s', ({ options, float32, float64 }) => {
    const optimizer = adamW(options);
    const eager = (params: Tree, gradients: Tree, state: AdamWState, learningRate: tf.Scalar) =>
      tidied(() => optimizer.update(params, gradients, state, learningRate));
    const update = mode === 'eager' ? eager : jit(eager);
    let params = toTree(golden.start);
    let state = optimizer.init(params);
    golden.gradients.forEach((gradients, step) => {
      const learningRate = tf.scalar(golden.learningRates[step]);
      ({ params, state } = update(params, toTree(gradients), state, learningRate));
      expectTree(params, float64[step], 1e-6, `step ${step}`);
    });
    expectTree(params, float32, 1e-6, 'in float32');
    expect(state.count.dataSync()[0]).toBe(20);
  });

  it.each(golden.clip)('clipping to $maxNorm is PyTorch’s', ({ maxNorm, norm, clipped }) => {
    const eager = (tree: Tree): ReturnType<typeof clipByGlobalNorm<Tree>> => clipByGlobalNorm(tree, maxNorm);
    const found = (mode === 'eager' ? eager : jit(eager))(toTree(golden.gradients[0]));
    expectClose(found.norm.dataSync(), [norm], { relative: 1e-6 });
    expectTree(found.clipped, clipped, 1e-6, 'clipped');
    expectClose(globalNorm(found.clipped).dataSync(), [Math.min(maxNorm, norm)], { relative: 1e-5 });
  });

  it.each([
    [0.999, 1],
    [0.999, 2],
    [0.9999, 1],
    [0.95, 3],
    [0.999, 100_000],
    [0, 1],
  ])('the bias correction of beta %d after %d steps is exact', (beta, steps) => {
    // A gradient of 1 on top of means of 0 gives (1 - β)/(1 - β^n) as the corrected mean; β₂ makes √ of it.
    const optimizer = adamW({ beta1: 0, beta2: beta, epsilon: 0, weightDecay: 0 });
    const params = { x: tf.scalar(0) };
    const state = { ...optimizer.init(params), count: tf.scalar(steps - 1) };
    const update = (learningRate: tf.Scalar): tf.Tensor =>
      optimizer.update(params, { x: tf.scalar(1) }, state, learningRate).params.x;
    const found = (mode === 'eager' ? update : jit(update))(tf.scalar(1));
    const expected = -Math.sqrt((1 - beta ** steps) / (1 - beta));
    expectClose(found.dataSync(), [expected], { relative: 5e-7 });
  });
});

describe('adamW', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('decays what it is told to', () => {
    const optimizer = adamW({ weightDecay: 0.5, decays: (path) => path === 'a.0' });
    const params = { a: [tf.scalar(1), tf.ones([2, 2])] };
    const zeros = { a: [tf.scalar(0), tf.zeros([2, 2])] };
    const { params: updated } = optimizer.update(params, zeros, optimizer.init(params), tf.scalar(0.1));
    expectClose(updated.a[0].dataSync(), [0.95], { relative: 1e-6 });
    expect(updated.a[1].dataSync()).toEqual(Float32Array.of(1, 1, 1, 1));
  });

  it('keeps a state of zeros with the parameters’ structure', () => {
    const state = adamW().init({ a: [tf.ones([2])], b: tf.ones([1]) });
    expect(Object.keys(flattenParams(state))).toEqual([
      'count',
      'mean.a.0',
      'mean.b',
      'square.a.0',
      'square.b',
    ]);
    for (const tensor of Object.values(flattenParams(state))) expect(tensor.sum().dataSync()[0]).toBe(0);
  });

  it.each([{ beta1: 1 }, { beta2: -0.1 }, { beta1: NaN }])('refuses %j', (options) => {
    expect(() => adamW(options)).toThrow(/adamW: beta[12] is .*, expected 0 to less than 1/);
  });
});
