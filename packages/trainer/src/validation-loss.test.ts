import * as tf from '@transfusion/tfjs';
import { createTransfusion, transformerConfig } from '@transfusion/core';
import {
  createDocumentStream,
  streamBatches,
  type DocumentSource,
  type StreamedBatch,
} from '@transfusion/data';
import { createModalityRegistry, type DiscreteModality } from '@transfusion/modality';
import { createRng, disposeParams } from '@transfusion/nn';
import { selectEngine } from '@transfusion/engine';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TrainableModel } from './trainable-model.js';
import { validationLoss } from './validation-loss.js';

const letters: DiscreteModality<'text', string> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'text',
  vocabSize: 26,
  accepts: (value): value is string => typeof value === 'string',
  encode: (value) => Int32Array.from(value, (letter) => letter.charCodeAt(0) - 97),
  decode: (ids) => String.fromCharCode(...ids.map((id) => id + 97)),
};

const words: DocumentSource = {
  name: 'words',
  length: 5,
  locate: (index) => `word ${index}`,
  read: async (index) => ({
    segments: [{ modality: 'text', value: ['on', 'tap', 'a', 'gap', 'harbour'][index] }],
  }),
};

const modalities = createModalityRegistry(letters);
const model = createTransfusion({
  transformer: transformerConfig({ numLayers: 1, modelDim: 16, numHeads: 2, ffnDim: 32 }),
  modalities,
});
const stream = createDocumentStream([{ source: words }], 3);
const batches = (): AsyncGenerator<StreamedBatch> =>
  streamBatches(stream, {
    model,
    shape: { numRows: 2, rowLength: 10, spanCapacity: {} },
  });

beforeAll(() => selectEngine('onnxruntime'));
const callback = validationLoss({ model, every: 5, batches, numBatches: 3 });
afterAll(() => callback.dispose());

async function logged(seed: number): Promise<Record<string, number>> {
  const ema = model.init(createRng(seed));
  let found: Readonly<Record<string, number>> = {};
  await callback.run({
    ema,
    params: ema,
    step: 5,
    directory: '',
    log: async (scalars) => void (found = scalars),
  });
  disposeParams(ema);
  return found;
}

/** The same, batch by batch without a compiled graph. */
async function plainMean(seed: number): Promise<number> {
  const params = model.init(createRng(seed));
  let sum = 0;
  let count = 0;
  let taken = 0;
  for await (const { batch } of batches()) {
    sum += model.loss(params, model.batchTensors(batch)).aux['tokens'].dataSync()[0];
    count += model.lossCounts([batch])['tokens'];
    if (++taken === 3) break;
  }
  return sum / count;
}

test('logs the mean over all batches together', async () => {
  const found = await logged(1);
  const expected = await plainMean(1);
  expect(Object.keys(found)).toEqual(['validation/loss', 'validation/tokens']);
  expect(found['validation/tokens']).toBeCloseTo(expected, 4);
  expect(found['validation/loss']).toBeCloseTo(found['validation/tokens'], 5);
});

test('sees the same batches each time, and leaves no tensors behind', async () => {
  const first = await logged(1);
  const { numTensors } = tf.memory();
  expect(await logged(1)).toEqual(first);
  expect(await logged(2)).not.toEqual(first);
  expect(tf.memory().numTensors).toBe(numTensors);
});

test('weights the parts as the model does, whatever the model and the sizes of its batches', async () => {
  type Arrays = { readonly near: readonly number[]; readonly far: readonly number[] };
  type Batch = Record<'near' | 'far' | 'nearCount' | 'farCount', tf.Tensor>;
  const model: TrainableModel<{ offset: tf.Tensor }, Arrays, Batch> = {
    init: () => ({ offset: tf.scalar(1) }),
    loss: ({ offset }, { near, far, nearCount, farCount }) => {
      const [nearSum, farSum] = [near, far].map((x) => x.sub(offset).square().sum() as tf.Scalar);
      const loss = nearSum.div(nearCount).add(farSum.div(farCount).mul(3)) as tf.Scalar;
      return { loss, aux: { near: nearSum, far: farSum } };
    },
    lossCounts: (batches) => ({
      near: batches.reduce((sum, { near }) => sum + near.length, 0),
      far: batches.reduce((sum, { far }) => sum + far.length, 0),
    }),
    batchTensors: ({ near, far }, counts) => ({
      near: tf.tensor1d([...near]),
      far: tf.tensor1d([...far]),
      nearCount: tf.scalar(counts.near),
      farCount: tf.scalar(counts.far),
    }),
    batchSizes: () => ({ documents: 0, elements: 0, fill: 1 }),
  };
  async function* batches(): AsyncGenerator<{ batch: Arrays }> {
    yield { batch: { near: [2], far: [4] } };
    yield { batch: { near: [3, 1, 5], far: [0] } };
    throw new Error('no more is needed');
  }
  const callback = validationLoss({ model, every: 1, batches, numBatches: 2 });
  const [near, far] = [(1 + 4 + 0 + 16) / 4, (9 + 1) / 2];
  const params = model.init(createRng(1));
  const { numTensors } = tf.memory();
  const found = await callback.evaluate(params);
  expect(tf.memory().numTensors).toBe(numTensors);
  expect(found).toEqual({
    'validation/loss': near + 3 * far,
    'validation/near': near,
    'validation/far': far,
  });
  callback.dispose();
});

test('frees its tensors if a loss cannot be computed or read', async () => {
  const ema = model.init(createRng(1));
  await callback.evaluate(ema);
  const { numTensors } = tf.memory();
  const lost = vi.spyOn(tf.Tensor.prototype, 'data').mockRejectedValueOnce(new Error('the device is gone'));
  await expect(callback.evaluate(ema)).rejects.toThrow('the device is gone');
  lost.mockRestore();
  expect(tf.memory().numTensors).toBe(numTensors);

  const loss = () => {
    throw new Error('no such loss');
  };
  const failing = validationLoss({ model: { ...model, loss }, every: 1, batches, numBatches: 1 });
  await expect(failing.evaluate(ema)).rejects.toThrow('no such loss');
  expect(tf.memory().numTensors).toBe(numTensors);
  failing.dispose();
  disposeParams(ema);
});
