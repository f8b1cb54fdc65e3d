import * as tf from '@tensorflow/tfjs';
import { batchTensors, createTransfusion, lossCounts, transformerConfig } from '@transfusion/core';
import {
  createDocumentStream,
  streamBatches,
  type DocumentSource,
  type StreamedBatch,
} from '@transfusion/data';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry, type DiscreteModality } from '@transfusion/modality';
import { createRng, disposeParams } from '@transfusion/nn';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
    sum += model.loss(params, batchTensors(batch)).aux['tokens'].dataSync()[0];
    count += lossCounts([batch])['tokens'];
    if (++taken === 3) break;
  }
  return sum / count;
}

test('logs the mean over all batches together', async () => {
  const found = await logged(1);
  const expected = await plainMean(1);
  expect(Object.keys(found)).toEqual(['validation/loss', 'validation/tokens']);
  expect(found['validation/tokens']).toBeCloseTo(expected, 4);
  expect(found['validation/loss']).toBe(found['validation/tokens']);
});

test('sees the same batches each time, and leaves no tensors behind', async () => {
  const first = await logged(1);
  const { numTensors } = tf.memory();
  expect(await logged(1)).toEqual(first);
  expect(await logged(2)).not.toEqual(first);
  expect(tf.memory().numTensors).toBe(numTensors);
});
