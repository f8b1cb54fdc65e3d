/** The layers against PyTorch, outputs and gradients: on two backends, and compiled. */
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../testing-internals/expect-close.js';
import { goldenTensor, readGolden, type GoldenTensor } from '../testing-internals/golden.js';
import { valueAndGrad } from '../optimizer/value-and-grad.js';
import { conv2d } from './conv2d.js';
import { embedding } from './embedding.js';
import { linear } from './linear.js';
import { groupNorm, layerNorm, rmsNorm } from './norms.js';
import { silu, swiGlu } from './swiglu.js';
import { sinusoidalEmbedding } from './timestep-embedding.js';

type Inputs = Record<string, tf.Tensor>;
interface GoldenCase {
  readonly inputs: Record<string, GoldenTensor>;
  readonly y: GoldenTensor;
  readonly outputWeights: GoldenTensor;
  readonly gradients: Record<string, GoldenTensor>;
}
const golden = readGolden<Record<string, GoldenCase>>('layers.json');

const conv = (stride: number) => (i: Inputs) =>
  conv2d({ weight: i.weight, bias: i.bias }, i.x as tf.Tensor4D, stride);
const layers: Record<string, (inputs: Inputs) => tf.Tensor> = {
  linear: (i) => linear({ weight: i.weight, bias: i.bias }, i.x),
  'linear without bias': (i) => linear({ weight: i.weight }, i.x),
  embedding: (i) => embedding({ weight: i.weight }, i.x),
  rmsNorm: (i) => rmsNorm({ weight: i.weight }, i.x),
  layerNorm: (i) => layerNorm({ weight: i.weight, bias: i.bias }, i.x),
  groupNorm: (i) => groupNorm({ weight: i.weight, bias: i.bias }, i.x as tf.Tensor4D, 2),
  'conv2d, kernel 3, stride 1': conv(1),
  'conv2d, kernel 3, stride 2': conv(2),
  'conv2d, kernel 1, stride 1': conv(1),
  silu: (i) => silu(i.input),
  swiGlu: (i) => swiGlu({ gate: { weight: i.gate }, up: { weight: i.up }, down: { weight: i.down } }, i.x),
};
const names = Object.keys(layers);
const TOLERANCE = { relative: 1e-5, absolute: 1e-5 };

/** The output, and the gradients by the inputs of floating point. */
function differentiate(
  layer: (inputs: Inputs) => tf.Tensor,
  inputs: Inputs,
  outputWeights: tf.Tensor,
): { y: tf.Tensor; gradients: Inputs } {
  const [params, ids] = [{} as Inputs, {} as Inputs];
  for (const [name, x] of Object.entries(inputs)) (x.dtype === 'float32' ? params : ids)[name] = x;
  const { aux, gradients } = valueAndGrad((p: Inputs) => {
    const y = layer({ ...p, ...ids });
    return { loss: y.mul(outputWeights).sum() as tf.Scalar, aux: { y } };
  }, params);
  return { y: aux.y, gradients };
}

function inputsOf(name: string): Inputs {
  return Object.fromEntries(
    Object.entries(golden[name].inputs).map(([key, value]) => [
      key,
      goldenTensor(value, name === 'embedding' && key === 'x' ? 'int32' : 'float32'),
    ]),
  );
}

describe.each([
  ['cpu', 'eager'],
  ['onnxruntime', 'eager'],
  ['onnxruntime', 'compiled'],
])('on %s, %s', (backend, mode) => {
  beforeAll(() => tf.setBackend(backend));

  it.each(names)('%s is PyTorch’s, gradients too', (name) => {
    const { y, outputWeights, gradients } = golden[name];
    const run = (inputs: Inputs, weights: tf.Tensor): ReturnType<typeof differentiate> =>
      differentiate(layers[name], inputs, weights);
    const found = (mode === 'eager' ? run : jit(run))(inputsOf(name), goldenTensor(outputWeights));
    expect(found.y.shape).toEqual(y.shape);
    expectClose(found.y.dataSync(), y.data, TOLERANCE, 'y');
    for (const [input, gradient] of Object.entries(gradients)) {
      expectClose(found.gradients[input].dataSync(), gradient.data, TOLERANCE, `gradient by ${input}`);
    }
    expect(Object.keys(found.gradients)).toEqual(Object.keys(gradients));
  });

  it('sinusoidalEmbedding is that of diffusers', () => {
    const { inputs, y } = golden.sinusoidalEmbedding;
    const found = sinusoidalEmbedding(goldenTensor(inputs.x), 16);
    expect(found.shape).toEqual(y.shape);
    expectClose(found.dataSync(), y.data, { absolute: 2e-4 });
  });
});

describe('on cpu', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('gradients are finite differences too', () => {
    const STEP = 2 ** -6;
    for (const name of names.filter((layer) => layer !== 'embedding')) {
      const inputs = inputsOf(name);
      const weights = goldenTensor(golden[name].outputWeights);
      const lossAt = (changed: Inputs): number => layers[name](changed).mul(weights).sum().dataSync()[0];
      const { gradients } = differentiate(layers[name], inputs, weights);
      for (const [input, x] of Object.entries(inputs)) {
        const direction = tf.tensor(
          Array.from({ length: x.size }, (_, i) => Math.cos(3 * i) / Math.sqrt(x.size)),
          x.shape,
        );
        const moved = (by: number): number => lossAt({ ...inputs, [input]: x.add(direction.mul(by)) });
        const slope = gradients[input].mul(direction).sum().dataSync();
        const difference = (moved(STEP) - moved(-STEP)) / (2 * STEP);
        expectClose(slope, [difference], { relative: 5e-3, absolute: 5e-3 }, `${name} by ${input}`);
      }
    }
  });

  it('sinusoids are those of the paper, in double precision', () => {
    const timesteps = [0, 1, 17, 999];
    const expected = timesteps.flatMap((t) => {
      const angles = [0, 1, 2].map((i) => t * 1000 ** (-i / 3));
      return [...angles.map(Math.cos), ...angles.map(Math.sin)];
    });
    const found = sinusoidalEmbedding(tf.tensor1d(timesteps, 'int32'), 6, 1000);
    expectClose(found.dataSync(), expected, { absolute: 1e-4 });
    expect(() => sinusoidalEmbedding(tf.tensor1d([1]), 5)).toThrow(/dim is 5, expected an even number/);
  });

  it('norms have the epsilon where it is said to be', () => {
    const x = tf.tensor2d([
      [0, 0],
      [3e-3, -3e-3],
    ]);
    const weight = tf.ones([2]);
    const bias = tf.zeros([2]);
    const value = 3e-3 / Math.sqrt(9e-6 + 1e-4);
    const expected = [0, 0, value, -value];
    expectClose(rmsNorm({ weight }, x, 1e-4).dataSync(), expected, { relative: 1e-5 });
    expectClose(layerNorm({ weight, bias }, x, 1e-4).dataSync(), expected, { relative: 1e-5 });
    const image = x.reshape([2, 2, 1, 1]) as tf.Tensor4D;
    const one = { weight: tf.ones([1]), bias: tf.zeros([1]) };
    expectClose(groupNorm(one, image, 1, 1e-4).dataSync(), expected, { relative: 1e-5 });
  });

  it('groups must divide the channels', () => {
    const params = { weight: tf.ones([6]), bias: tf.zeros([6]) };
    expect(() => groupNorm(params, tf.zeros([1, 2, 2, 6]), 4)).toThrow(
      'groupNorm: numGroups is 4, expected a divisor of the number of channels (6)',
    );
  });

  it('linear and embedding keep leading axes', () => {
    const params = { weight: tf.ones([3, 2]) };
    expect(linear(params, tf.ones([3])).shape).toEqual([2]);
    expect(linear(params, tf.ones([5, 0, 3])).shape).toEqual([5, 0, 2]);
    expect(embedding(params, tf.scalar(2, 'int32')).shape).toEqual([2]);
    expect(embedding(params, tf.zeros([2, 1, 3], 'int32')).shape).toEqual([2, 1, 3, 2]);
  });
});
