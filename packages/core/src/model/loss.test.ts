/** The joint loss: the same however documents are packed and batches are split; its gradients. */
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { createModalityRegistry } from '@transfusion/modality';
import { disposeParams, flattenParams, valueAndGrad } from '@transfusion/nn';
import { ddpm, velocity } from '@transfusion/diffusion';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BatchArrays, TrainingBatch } from '../sequence/training-targets.js';
import { expectClose } from '../testing-internals/expect-close.js';
import {
  packed,
  sequencesOf,
  strip,
  text,
  toyShape,
  warmParams,
} from '../testing-internals/toy-documents.js';
import { letters, strips, toyModel } from '../testing-internals/toy-modalities.js';
import type { Transfusion, TransfusionParams } from './transfusion.js';

beforeAll(() => tf.setBackend('onnxruntime'));

const documents = [
  [text('abc'), strip([1, -1, 0.5, 2, 0, 1])],
  [strip([0.5, 0.25, -1, 1]), text('fed')],
  [text('aabb')],
  [strip([1, 2, 3, 4], 'wave'), strip([2, 0, 1, 1]), text('c'), strip([1, 1, 1, 0, 0, 0], 'wave')],
  [text('d'), strip([0, 1, -2, 1])],
  [],
  [text('ee'), strip([-1, -1, 1, 1], 'wave')],
  [strip([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])],
];
const sequences = sequencesOf(documents);

interface Result {
  readonly loss: number;
  readonly parts: Record<string, number>;
  readonly gradients: Record<string, Float32Array>;
}

/** Loss and gradients of micro-batches, added up. */
function accumulated(model: Transfusion, params: TransfusionParams, batches: readonly BatchArrays[]): Result {
  const counts = model.lossCounts(batches);
  const step = jit((p: TransfusionParams, batch: TrainingBatch) =>
    valueAndGrad((weights: TransfusionParams) => model.loss(weights, batch), p),
  );
  const total = {
    loss: 0,
    parts: {} as Record<string, number>,
    gradients: {} as Record<string, Float32Array>,
  };
  for (const batch of batches) {
    const { loss, aux, gradients } = step(params, model.batchTensors(batch, counts));
    total.loss += loss.dataSync()[0];
    for (const [name, sum] of Object.entries(aux)) {
      total.parts[name] = (total.parts[name] ?? 0) + sum.dataSync()[0] / counts[name];
    }
    for (const [path, gradient] of Object.entries(flattenParams(gradients))) {
      const values = gradient.dataSync<'float32'>();
      const sum = total.gradients[path];
      total.gradients[path] = sum === undefined ? values : sum.map((value, i) => value + values[i]);
    }
  }
  step.dispose();
  return total;
}

function expectSame(found: Result, expected: Result): void {
  expectClose([found.loss], [expected.loss], { relative: 1e-5 }, 'loss');
  expect(Object.keys(found.parts)).toEqual(Object.keys(expected.parts));
  for (const [name, part] of Object.entries(expected.parts)) {
    expectClose([found.parts[name]], [part], { relative: 1e-5 }, name);
  }
  for (const [path, values] of Object.entries(expected.gradients)) {
    const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    expect(largest, path).toBeGreaterThan(0);
    expectClose(found.gradients[path], values, { absolute: 1e-5 * largest }, path);
  }
}

describe.each(['shared', 'per-modality'] as const)('with %s weights', (weights) => {
  const model = toyModel({ weights, qkNorm: weights === 'per-modality' });

  it('packing and micro-batches do not change loss and gradients', () => {
    const params = warmParams(model);
    const alone = packed(toyShape(8, 20, 8), sequences);
    expect(alone.numDocuments).toBe(8);
    const shape = toyShape(2, 20, 4);
    const micro = [0, 2, 4, 6].map((i) => packed(shape, sequences.slice(i, i + 2)));
    // Two documents a row, so that the rows are shared, and some rows are empty.
    expect(micro.some(({ documentIds }) => documentIds[19] === -1)).toBe(true);
    const expected = accumulated(model, params, [alone]);
    expect(Object.keys(expected.parts).sort()).toEqual(['strip', 'tokens', 'wave']);

    const dense = packed(toyShape(3, 40, 9), [...sequences].reverse());
    expect(dense.numDocuments).toBe(8);
    expectSame(accumulated(model, params, [dense]), expected);
    expectSame(accumulated(model, params, micro), expected);
    disposeParams(params);
  });
});

it('is the weighted sum of its parts, and compiled what it is eagerly, on either backend', () => {
  const model = toyModel();
  const batch = packed(toyShape(3, 40, 9), sequences);
  const counts = model.lossCounts([batch]);
  const lossOf = (backend: string, compiled: boolean): number[] => {
    void tf.setBackend(backend);
    const params = warmParams(model);
    const fn = (p: TransfusionParams, b: TrainingBatch) => model.loss(p, b);
    const { loss, aux } = (compiled ? jit(fn) : fn)(params, model.batchTensors(batch));
    const parts = ['tokens', 'strip', 'wave'].map((name) => aux[name].dataSync()[0] / counts[name]);
    return [loss.dataSync()[0], ...parts];
  };
  const eager = lossOf('onnxruntime', false);
  const [loss, tokens, strip, wave] = eager;
  expectClose([loss], [tokens + 5 * strip + 5 * wave], { relative: 1e-5 });
  expectClose(lossOf('onnxruntime', true), eager, { relative: 1e-5 });
  expectClose(lossOf('cpu', false), eager, { relative: 1e-5 });
  void tf.setBackend('onnxruntime');
});

it('counts errors of a timestep by its weight, and divides by all elements', () => {
  const lossWeighting = velocity();
  const scheduler = ddpm({ predictionType: 'sample', lossWeighting });
  const weighted = createModalityRegistry(letters('text'), strips('strip', scheduler), strips('wave'));
  const model = toyModel({}, { modalities: weighted });
  const params = warmParams(model);
  const batch = packed(toyShape(3, 40, 9), sequences);
  const partOf = (weight: (value: number) => number): number => {
    const groups = batch.groups.map((group) => ({ ...group, weights: group.weights.map(weight) }));
    const { aux } = model.loss(params, model.batchTensors({ ...batch, groups }));
    return aux['strip'].dataSync()[0];
  };
  expectClose([partOf((value) => 3 * value)], [3 * partOf((value) => value)], { relative: 1e-5 });
  expect(model.lossCounts([batch])['strip']).toBe(6 + 4 + 4 + 4 + 6);
  disposeParams(params);
});

it('gradients are finite differences', () => {
  void tf.setBackend('cpu');
  const STEP = 2 ** -7;
  const model = toyModel({ weights: 'per-modality', numKvHeads: 1, qkNorm: true });
  const params = warmParams(model);
  const batch = model.batchTensors(packed(toyShape(2, 40, 6), sequences.slice(0, 5)));
  const { gradients } = valueAndGrad((p: TransfusionParams) => model.loss(p, batch), params);
  const flat = flattenParams(params);
  const paths = [
    'tokenEmbedding.weight',
    'trunk.layers.0.tokens.attention.query.weight',
    'trunk.layers.1.strip.attention.keyNorm.weight',
    'trunk.layers.0.wave.ffn.down.weight',
    'trunk.norm.tokens.weight',
    'lmHead.weight',
    'adapters.strip.in.bias',
    'adapters.wave.time.weight',
  ];
  const buffers = flattenParams(gradients);
  for (const path of paths) {
    const slope = buffers[path].dataSync<'float32'>();
    const largest = slope.reduce((best, value, i) => (Math.abs(value) > Math.abs(slope[best]) ? i : best), 0);
    const values = flat[path].dataSync<'float32'>();
    const lossAt = (by: number): number =>
      tf.tidy(() => {
        const moved = values.slice();
        moved[largest] += by;
        const { shape } = flat[path];
        const changed = replaced(params, path.split('.'), tf.tensor(moved, shape));
        return model.loss(changed as TransfusionParams, batch).loss.dataSync()[0];
      });
    const difference = (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
    expectClose([slope[largest]], [difference], { relative: 0.02, absolute: 2e-3 }, path);
  }
});

/** The tree with another tensor at a path. */
function replaced(tree: unknown, [name, ...rest]: readonly string[], tensor: tf.Tensor): unknown {
  const record = tree as Record<string, unknown>;
  const child = rest.length === 0 ? tensor : replaced(record[name], rest, tensor);
  if (!Array.isArray(tree)) return { ...record, [name]: child };
  return tree.map((element: unknown, i) => (String(i) === name ? child : element));
}
