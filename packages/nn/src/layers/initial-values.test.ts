import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { normal, ones, zeros } from '../initializers.js';
import { flattenParams, type Params } from '../params.js';
import { createRng, type Rng } from '../rng.js';
import { expectClose } from '../testing-internals/expect-close.js';
import { initConv2d } from './conv2d.js';
import { initEmbedding } from './embedding.js';
import { initLinear } from './linear.js';
import { initLayerNorm, initRmsNorm } from './norms.js';
import { initSwiGlu } from './swiglu.js';
import { initTimestepEmbedding, timestepEmbedding } from './timestep-embedding.js';

beforeAll(() => tf.setBackend('cpu'));

function deviation(tensor: tf.Tensor): number {
  const values = tensor.dataSync<'float32'>();
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}

describe('initializers', () => {
  it('have the standard deviation asked for', () => {
    const rng = createRng(1);
    expectClose([deviation(normal(rng, [100, 200], 0.02))], [0.02], { relative: 0.03 });
    expect(normal(rng, [], 1).shape).toEqual([]);
  });

  it('fill with zeros and ones', () => {
    expect(zeros([2, 1]).arraySync()).toEqual([[0], [0]]);
    expect(ones([2]).arraySync()).toEqual([1, 1]);
  });
});

const layers: [string, (rng: Rng) => Params, Record<string, number[]>][] = [
  ['linear', (rng) => initLinear(rng, 3, 4), { weight: [3, 4] }],
  ['linear with bias', (rng) => initLinear(rng, 3, 4, { bias: true }), { weight: [3, 4], bias: [4] }],
  ['embedding', (rng) => initEmbedding(rng, 5, 3), { weight: [5, 3] }],
  ['conv2d', (rng) => initConv2d(rng, 2, 4, 3), { weight: [3, 3, 2, 4], bias: [4] }],
  ['rmsNorm', () => initRmsNorm(3), { weight: [3] }],
  ['layerNorm', () => initLayerNorm(3), { weight: [3], bias: [3] }],
  [
    'swiGlu',
    (rng) => initSwiGlu(rng, 4, 6),
    { 'gate.weight': [4, 6], 'up.weight': [4, 6], 'down.weight': [6, 4] },
  ],
  [
    'timestepEmbedding',
    (rng) => initTimestepEmbedding(rng, 5, { frequencyDim: 8 }),
    { 'in.weight': [8, 5], 'in.bias': [5], 'out.weight': [5, 5], 'out.bias': [5] },
  ],
];

it.each(layers)(
  'parameters of %s have names and shapes, and depend on the seed alone',
  (_, init, expected) => {
    const flat = flattenParams(init(createRng(3)));
    const again = flattenParams(init(createRng(3)));
    const shapes = Object.entries(flat).map(([path, { shape }]) => [path, shape]);
    expect(Object.fromEntries(shapes)).toEqual(expected);
    for (const [path, tensor] of Object.entries(flat)) {
      expect(again[path].dataSync()).toEqual(tensor.dataSync());
      if (path.endsWith('bias')) expect(tensor.sum().dataSync()[0]).toBe(0);
    }
  },
);

it('standard deviations keep the variance of a layer’s input', () => {
  expectClose([deviation(initLinear(createRng(4), 100, 100).weight)], [0.1], { relative: 0.05 });
  expectClose([deviation(initConv2d(createRng(4), 16, 64, 3).weight)], [1 / 12], { relative: 0.05 });
  const { gate, down } = initSwiGlu(createRng(4), 64, 128, { stddev: 0.1, downStddev: 0.01 });
  expectClose([deviation(gate.weight), deviation(down.weight)], [0.1, 0.01], { relative: 0.05 });
});

it('timestepEmbedding distinguishes timesteps', () => {
  const params = initTimestepEmbedding(createRng(5), 6, { frequencyDim: 8, stddev: 1 });
  const y = timestepEmbedding(params, tf.tensor1d([0, 1, 1000]));
  expect(y.shape).toEqual([3, 6]);
  const [a, b, c] = y.arraySync() as number[][];
  expect(a).not.toEqual(b);
  expect(b).not.toEqual(c);
});
