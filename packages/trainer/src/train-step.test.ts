import * as tf from '@transfusion/tfjs';
import { type BatchArrays, type TrainingBatch, type TransfusionParams } from '@transfusion/core';
import { selectEngine } from '@transfusion/engine';
import {
  adamW,
  clipByGlobalNorm,
  createRng,
  disposeParams,
  updateEma,
  valueAndGrad,
  type AdamWState,
} from '@transfusion/nn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTrainStep, type TrainState } from './train-step.js';
import { numbersOf, someBatches, toyModel } from './testing-internals/toy-run.js';

const optimizer = adamW();
const step = createTrainStep(toyModel, { optimizer, clipNorm: 0.5 });
const settings = { learningRate: 0.01, emaDecay: 0.9 };
let arrays: BatchArrays[];

beforeAll(async () => {
  await selectEngine('onnxruntime');
  arrays = await someBatches(4);
});
afterAll(() => step.dispose());

const freshState = (): TrainState<TransfusionParams, AdamWState> => step.init(toyModel.init(createRng(1)));

/** Uploads the micro-batches of a step with their common loss counts. */
function tensorsOf(batches: readonly BatchArrays[]): TrainingBatch[] {
  const counts = toyModel.lossCounts(batches);
  return batches.map((batch) => toyModel.batchTensors(batch, counts));
}

function take(state: TrainState<TransfusionParams, AdamWState>, batches: TrainingBatch[]) {
  const result = step.run(state, batches, settings);
  tf.dispose(batches);
  const { loss, gradNorm, applied, sums } = result.report;
  const report = {
    loss: loss.dataSync()[0],
    gradNorm: gradNorm.dataSync()[0],
    applied: applied.dataSync()[0],
    sums: numbersOf(sums),
  };
  tf.dispose(result.report);
  return { state: result.state, report };
}

/** Joins batches into one; the ids of documents, spans and positions are shifted to stay distinct. */
function joinBatches(batches: readonly BatchArrays[]): BatchArrays {
  const { shape, groups } = batches[0];
  const size = shape.numRows * shape.rowLength;
  const numPositions = groups[0].positions.length;
  const V = toyModel.vocabulary.size;
  const int = (of: (batch: BatchArrays, index: number) => ArrayLike<number>): Int32Array =>
    Int32Array.from(batches.flatMap((batch, index) => Array.from(of(batch, index))));
  const float = (of: (batch: BatchArrays) => ArrayLike<number>): Float32Array =>
    Float32Array.from(batches.flatMap((batch) => Array.from(of(batch))));
  const shifted = (ids: Int32Array, by: number): Int32Array => ids.map((id) => (id < 0 ? id : id + by));
  return {
    shape: { ...shape, numRows: shape.numRows * batches.length },
    sources: int(({ sources }, i) => sources.map((id) => (id < V ? id : id + i * numPositions))),
    positions: int(({ positions }) => positions),
    documentIds: int(({ documentIds }, i) => shifted(documentIds, 100 * i)),
    spanIds: int(({ spanIds }, i) => shifted(spanIds, 100 * i)),
    targets: int(({ targets }) => targets),
    tokenWeights: float(({ tokenWeights }) => tokenWeights),
    groups: [
      {
        ...groups[0],
        numSpans: batches.reduce((sum, batch) => sum + batch.groups[0].numSpans, 0),
        latents: float((batch) => batch.groups[0].latents),
        noise: float((batch) => batch.groups[0].noise),
        timesteps: float((batch) => batch.groups[0].timesteps),
        weights: float((batch) => batch.groups[0].weights),
        positions: int((batch, i) => shifted(batch.groups[0].positions, i * size)),
      },
    ],
    numElements: 0,
    numDocuments: 0,
  };
}

function expectClose(found: Record<string, number[]>, expected: Record<string, number[]>, limit: number) {
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [path, values] of Object.entries(expected)) {
    const difference = Math.max(...values.map((value, i) => Math.abs(value - found[path][i])));
    expect(difference, path).toBeLessThanOrEqual(limit);
  }
}

test('one batch gives the same step as its rows in four micro-batches', () => {
  const single = take(freshState(), tensorsOf([joinBatches(arrays)]));
  const accumulated = take(freshState(), tensorsOf(arrays));
  expect(accumulated.report.loss).toBeCloseTo(single.report.loss, 4);
  expect(accumulated.report.gradNorm).toBeCloseTo(single.report.gradNorm, 4);
  expectClose(accumulated.report.sums, single.report.sums, 1e-3);
  expectClose(numbersOf(accumulated.state), numbersOf(single.state), 1e-5);
  const start = freshState();
  expect(numbersOf(accumulated.state.params)).not.toEqual(numbersOf(start.params));
  disposeParams([single.state, accumulated.state, start]);
});

test('combines clipping, AdamW and EMA of nn', () => {
  const batch = tensorsOf(arrays.slice(0, 1))[0];
  const start = freshState();
  const expected = tf.tidy(() => {
    const { loss, gradients } = valueAndGrad((params) => toyModel.loss(params, batch), start.params);
    const { clipped, norm } = clipByGlobalNorm(gradients, 0.5);
    const after = optimizer.update(start.params, clipped, start.optimizerState, tf.scalar(0.01));
    const ema = updateEma(start.ema, after.params, tf.scalar(0.9));
    const state = { params: after.params, optimizerState: after.state, ema };
    return { loss: loss.dataSync()[0], norm: norm.dataSync()[0], state: numbersOf(state) };
  });
  expect(expected.norm).toBeGreaterThan(0.5);
  const { state, report } = take(start, [batch]);
  expect(report).toMatchObject({ applied: 1 });
  expect(report.loss).toBeCloseTo(expected.loss, 4);
  expect(report.gradNorm).toBeCloseTo(expected.norm, 4);
  expectClose(numbersOf(state), expected.state, 1e-5);
  disposeParams(state);
});

test.each([1, 4])('a NaN leaves the state unchanged (%i micro-batches)', (count) => {
  const warm = take(freshState(), tensorsOf(arrays.slice(0, 1))).state;
  const before = numbersOf(warm);
  const batches = arrays.slice(0, count);
  const [group] = batches[count - 1].groups;
  batches[count - 1] = {
    ...batches[count - 1],
    groups: [{ ...group, latents: group.latents.map((value, i) => (i === 1 ? NaN : value)) }],
  };
  const { state, report } = take(warm, tensorsOf(batches));
  expect(report.applied).toBe(0);
  expect(report.loss).toBeNaN();
  expect(numbersOf(state)).toEqual(before);
  const next = take(state, tensorsOf(arrays.slice(0, 1)));
  expect(next.report.applied).toBe(1);
  disposeParams(next.state);
});

test.each([1, 3])(
  'frozen parts do not change, nor affect how others are trained (%i micro-batches)',
  (count) => {
    const frozen = createTrainStep(toyModel, {
      optimizer,
      clipNorm: 1e9,
      freeze: ['trunk', 'adapters.strip.in'],
    });
    const all = createTrainStep(toyModel, { optimizer, clipNorm: 1e9 });
    const after = [frozen, all].map((trained) => {
      const start = trained.init(toyModel.init(createRng(1)));
      const batches = tensorsOf(arrays.slice(0, count));
      const { state, report } = trained.run(start, batches, settings);
      tf.dispose([batches, report]);
      return state;
    });
    const isFrozen = (path: string): boolean => /^(trunk|adapters\.strip\.in)\./.test(path);
    const initial = numbersOf(toyModel.init(createRng(1)));
    const [params, paramsOfAll] = after.map((state) => numbersOf(state.params));
    for (const [path, values] of Object.entries(params)) {
      expect(values, path).toEqual(isFrozen(path) ? initial[path] : paramsOfAll[path]);
    }
    expect(numbersOf(after[0].params)).not.toEqual(initial);
    const mean = Object.keys(numbersOf((after[0].optimizerState as AdamWState).mean));
    expect(mean).toEqual(Object.keys(initial).filter((path) => !isFrozen(path)));
    const ema = numbersOf(after[0].ema);
    for (const path of Object.keys(initial).filter(isFrozen)) expect(ema[path]).toEqual(initial[path]);
    const { numTensors } = tf.memory();
    const next = tensorsOf(arrays.slice(0, count));
    const { state, report } = frozen.run(after[0], next, settings);
    tf.dispose([next, report]);
    expect(tf.memory().numTensors).toBe(numTensors);
    disposeParams([state, after[1]]);
    [frozen, all].forEach((trained) => trained.dispose());
  },
);

test.each([
  [['trunks'], "freeze: no parameter is in 'trunks', expected 'trunk'. Fix the path."],
  [
    ['decoder'],
    "freeze: no parameter is in 'decoder', expected a part of the model, such as tokenEmbedding, trunk",
  ],
  [['trunk', 'tokenEmbedding', 'lmHead', 'adapters'], 'freeze all parameters, expected some to train'],
])('refuses to freeze %j', (freeze, message) => {
  const params = toyModel.init(createRng(1));
  expect(() => createTrainStep(toyModel, { optimizer, freeze }).init(params)).toThrow(message);
  disposeParams(params);
});

test.each([1, 3])('leaves no tensors behind (%i micro-batches)', (count) => {
  let { state } = take(freshState(), tensorsOf(arrays.slice(0, count)));
  const { numTensors, numBytes } = tf.memory();
  for (let i = 0; i < 5; i++) ({ state } = take(state, tensorsOf(arrays.slice(0, count))));
  expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  disposeParams(state);
});
