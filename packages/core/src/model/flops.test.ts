import * as tf from '@transfusion/tfjs';
import { countParams, createRng } from '@transfusion/nn';
import { beforeAll, expect, it } from 'vitest';
import { inputsOf, packed, toyShape } from '../testing-internals/toy-documents.js';
import { toyModel } from '../testing-internals/toy-modalities.js';
import { transformerPreset, type TransformerPresetName } from '../trunk/presets.js';
import { countTransformerParams, forwardFlops, trainingFlops } from './flops.js';

beforeAll(() => tf.setBackend('cpu'));

it.each<[TransformerPresetName, number]>([
  ['0.16b', 0.162],
  ['0.37b', 0.374],
  ['0.76b', 0.778],
  ['1.4b', 1.364],
  ['7b', 6.738],
])('%s has as many parameters as in the paper', (name, billions) => {
  expect(countTransformerParams(transformerPreset(name), 32_000) / 1e9).toBeCloseTo(billions, 3);
});

it.each([
  { weights: 'shared' as const, numKvHeads: 2, qkNorm: false },
  { weights: 'shared' as const, numKvHeads: 1, qkNorm: true },
  { weights: 'per-modality' as const, numKvHeads: 1, qkNorm: true },
])('counts the tensors that there are: %j', (options) => {
  const model = toyModel(options);
  const { adapters, ...rest } = model.init(createRng(1));
  expect(Object.keys(adapters)).toEqual(['strip', 'wave']);
  const { transformer, vocabulary } = model;
  expect(countTransformerParams(transformer, vocabulary.size, 2)).toBe(countParams(rest));
});

it('counts two operations for each multiply-add', () => {
  const model = toyModel({ numKvHeads: 1 });
  const shape = { numRows: 3, rowLength: 10, spanCapacity: { 'strip:4': 2, 'wave:6': 1 } };
  const V = model.vocabulary.size;
  const elements = 3 * 10;
  const perElement = 2 * (2 * 16 * 16 + 2 * 16 * 8 + 3 * 16 * 24) + 16 * V;
  const attention = 2 * 3 * (2 * 10 * 10 * 16) * 2;
  const adapters = 2 * (8 * 2 * 16 + 32) + (8 * 3 * 16 + 32);
  expect(forwardFlops(model, shape)).toBe(2 * perElement * elements + attention + adapters);
  expect(trainingFlops(model, shape)).toBe(3 * forwardFlops(model, shape));
  expect(forwardFlops(toyModel({ numKvHeads: 1, weights: 'per-modality' }), shape)).toBe(
    forwardFlops(model, shape),
  );
});

it('agrees with the matrix products that the model asks for', async () => {
  const model = toyModel({ numKvHeads: 1 });
  const shape = toyShape(2, 12, 1);
  const inputs = inputsOf(model, packed(shape, []));
  const params = model.init(createRng(1));
  const kernels = await tf.profile(() => {
    model.forward(params, inputs);
    return tf.scalar(0);
  });
  let flops = 0;
  for (const { name, inputShapes, outputShapes } of kernels.kernels as unknown as KernelInfo[]) {
    if (name !== 'BatchMatMul' && name !== '_FusedMatMul') continue;
    // Every product here has its inner axis last in the first input, none is transposed there.
    const inner = inputShapes[0].at(-1)!;
    flops += 2 * inner * outputShapes[0].reduce((product, length) => product * length, 1);
  }
  expect(flops).toBe(forwardFlops(model, shape));
});

interface KernelInfo {
  readonly name: string;
  readonly inputShapes: number[][];
  readonly outputShapes: number[][];
}
