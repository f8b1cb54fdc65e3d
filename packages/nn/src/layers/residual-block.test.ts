import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGrad } from '../optimizer/value-and-grad.js';
import { flattenParams, mapParams, unflattenParams } from '../params.js';
import { createRng } from '../rng.js';
import { expectClose } from '../testing-internals/expect-close.js';
import { goldenTensor, readGolden, type GoldenTensor } from '../testing-internals/golden.js';
import {
  initResidualBlock,
  residualBlock,
  residualBlockGroups,
  type ResidualBlockParams,
} from './residual-block.js';

interface GoldenCase {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly timeDim?: number;
  readonly params: Record<string, GoldenTensor>;
  readonly inputs: { readonly x: GoldenTensor; readonly time?: GoldenTensor };
  readonly y: GoldenTensor;
  readonly outputWeights: GoldenTensor;
  readonly gradients: Record<string, GoldenTensor>;
}
const cases = readGolden<GoldenCase[]>('residual-block.json').map((golden) => {
  const { inChannels, outChannels, timeDim = 'no' } = golden;
  return [`${inChannels} to ${outChannels} channels, ${timeDim} values of time`, golden] as const;
});

type Everything = {
  readonly params: ResidualBlockParams;
  readonly inputs: { readonly x: tf.Tensor4D; readonly time?: tf.Tensor };
};
const normals = (seed: number, shape: number[]): tf.Tensor4D => {
  const size = shape.reduce((product, length) => product * length, 1);
  const drawn: tf.Tensor = tf.tensor(createRng(seed).normals(size), shape);
  return drawn as tf.Tensor4D;
};
const numbers = (x: tf.Tensor): number[] => [...x.dataSync()];

describe.each([
  ['cpu', 'eager'],
  ['onnxruntime', 'eager'],
  ['onnxruntime', 'compiled'],
])('on %s, %s, it is PyTorch’s', (backend, mode) => {
  beforeAll(() => tf.setBackend(backend));

  it.each(cases)('%s, gradients too', (_, golden) => {
    const { inChannels, outChannels, timeDim, inputs, y, outputWeights } = golden;
    const like = initResidualBlock(createRng(0), inChannels, outChannels, { timeDim });
    const flat = Object.entries(golden.params).map(([path, value]) => [path, goldenTensor(value)] as const);
    const given: Everything = {
      params: unflattenParams(like, Object.fromEntries(flat)),
      inputs: {
        x: goldenTensor(inputs.x) as tf.Tensor4D,
        ...(inputs.time === undefined ? {} : { time: goldenTensor(inputs.time) }),
      },
    };
    const run = (everything: Everything, weights: tf.Tensor) =>
      valueAndGrad((at: Everything) => {
        const out = residualBlock(at.params, at.inputs.x, at.inputs.time);
        return { loss: out.mul(weights).sum() as tf.Scalar, aux: { out } };
      }, everything);
    const { aux, gradients } = (mode === 'eager' ? run : jit(run))(given, goldenTensor(outputWeights));
    expect(aux.out.shape).toEqual(y.shape);
    expectClose(numbers(aux.out), y.data, { absolute: 1e-4 }, 'y');
    const found = flattenParams(gradients);
    expect(Object.keys(found).sort()).toEqual(Object.keys(golden.gradients).sort());
    for (const [path, { shape, data }] of Object.entries(golden.gradients)) {
      expect(found[path].shape, path).toEqual(shape);
      const largest = Math.max(...data.map(Math.abs));
      expectClose(numbers(found[path]), data, { absolute: 1e-4 * largest }, `gradient by ${path}`);
    }
  });
});

describe('residualBlock', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each([
    [4, 4, undefined],
    [4, 6, undefined],
    [8, 16, 5],
    [16, 16, 5],
  ])('keeps the positions: %i to %i channels, time %s', (inChannels, outChannels, timeDim) => {
    const params = initResidualBlock(createRng(1), inChannels, outChannels, { timeDim });
    const time = timeDim === undefined ? undefined : normals(2, [2, timeDim]);
    const y = residualBlock(params, normals(3, [2, 3, 5, inChannels]), time);
    expect(y.shape).toEqual([2, 3, 5, outChannels]);
    expect('skip' in params).toBe(inChannels !== outChannels);
    expect('time' in params).toBe(timeDim !== undefined);
  });

  it('passes on nearly what it gets, when it is fresh', () => {
    const params = initResidualBlock(createRng(1), 16, 16, { timeDim: 8 });
    const x = normals(2, [2, 6, 6, 16]);
    const moved = residualBlock(params, x, normals(3, [2, 8])).sub(x);
    const share = Math.sqrt(numbers(moved.square().mean())[0] / numbers(x.square().mean())[0]);
    expect(share).toBeLessThan(0.02);
    expect(share).toBeGreaterThan(0);
  });

  it('learns from the first step in all its parts', () => {
    const params = initResidualBlock(createRng(1), 4, 6, { timeDim: 3 });
    const weights = normals(4, [2, 3, 3, 6]);
    const { gradients } = valueAndGrad(
      (at: Everything) => ({
        loss: residualBlock(at.params, at.inputs.x, at.inputs.time).mul(weights).sum() as tf.Scalar,
        aux: {},
      }),
      { params, inputs: { x: normals(2, [2, 3, 3, 4]), time: normals(3, [2, 3]) } },
    );
    for (const [path, gradient] of Object.entries(flattenParams(gradients))) {
      expect(numbers(gradient.abs().max())[0], path).toBeGreaterThan(0);
    }
  });

  it('is conditioned on the time of each image alone', () => {
    const params = mapParams(initResidualBlock(createRng(1), 4, 4, { timeDim: 3 }), (tensor, path) =>
      tensor.add(normals(path.length, tensor.shape)),
    );
    const x = normals(2, [2, 3, 3, 4]);
    const time = normals(3, [2, 3]);
    const other = time.add(tf.tensor2d([0, 0, 0, 1, 1, 1], [2, 3]));
    const moved = residualBlock(params, x, time)
      .sub(residualBlock(params, x, other))
      .abs();
    const [first, second] = moved.max([1, 2, 3]).arraySync() as number[];
    expect(first).toBe(0);
    expect(second).toBeGreaterThan(0.01);
  });

  it.each([
    [1, 1],
    [4, 1],
    [8, 1],
    [12, 1],
    [15, 1],
    [16, 2],
    [20, 2],
    [24, 3],
    [36, 4],
    [64, 8],
    [128, 16],
    [256, 32],
    [512, 32],
    [17, 1],
    [264, 24],
  ])('%i channels have %i groups', (channels, groups) => {
    expect(residualBlockGroups(channels)).toBe(groups);
  });
});
