/** A model of a few hundred parameters over letters and strips of numbers, and its data. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import {
  createTransfusion,
  transformerConfig,
  type BatchArrays,
  type TrainingBatch,
  type TransfusionParams,
} from '@transfusion/core';
import {
  captionPairs,
  createDocumentStream,
  streamBatches,
  type BatchCursor,
  type DocumentSource,
  type StreamedBatch,
} from '@transfusion/data';
import { flowEuler } from '@transfusion/diffusion';
import {
  createModalityRegistry,
  type ContinuousModality,
  type DiscreteModality,
  type LatentAdapter,
} from '@transfusion/modality';
import {
  adamW,
  constantLr,
  flattenParams,
  initLinear,
  linear,
  type AdamWState,
  type LinearParams,
  type Params,
} from '@transfusion/nn';
import { afterAll } from 'vitest';
import type { TrainOptions } from '../train.js';

const letters: DiscreteModality<'text', string> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'text',
  vocabSize: 6,
  accepts: (value): value is string => typeof value === 'string',
  encode: (value) => Int32Array.from(value, (letter) => letter.charCodeAt(0) - 97),
  decode: (ids) => String.fromCharCode(...ids.map((id) => id + 97)),
};

function stripAdapter(modelDim: number): LatentAdapter {
  type StripParams = { readonly in: LinearParams; readonly out: LinearParams };
  return {
    init: (rng): StripParams => ({
      in: initLinear(rng.fork('in'), 3, modelDim),
      out: initLinear(rng.fork('out'), modelDim, 2),
    }),
    embed: (params, noisyLatents, timesteps) => {
      const pairs = noisyLatents.reshape([-1, 2, 2]);
      const times = timesteps.div(1000).reshape([-1, 1, 1]).tile([1, 2, 1]);
      return {
        hidden: linear((params as StripParams).in, tf.concat([pairs, times], 2)) as tf.Tensor3D,
        skips: [],
      };
    },
    project: (params, hidden) => linear((params as StripParams).out, hidden).reshape([-1, 4]),
    flops: () => 0,
  };
}

const strips: ContinuousModality<'strip', readonly number[]> = {
  specificationVersion: 'v1',
  kind: 'continuous',
  name: 'strip',
  accepts: (value): value is readonly number[] => Array.isArray(value),
  codec: {
    id: 'strips',
    encode: async (values) => values.map((value) => ({ shape: [4], data: Float32Array.from(value) })),
    decode: async (latents) => latents.map(({ data }) => [...data]),
  },
  diffusion: flowEuler(),
  lossWeight: 5,
  latentShapes: [[4]],
  spanLength: () => 2,
  createAdapter: stripAdapter,
};

/** Letters, and strips of four numbers that occupy two positions. */
export const toyModalities = createModalityRegistry(letters, strips);

/** The model of these tests. */
export const toyModel = createTransfusion({
  transformer: transformerConfig({ numLayers: 1, modelDim: 8, numHeads: 2, ffnDim: 16 }),
  modalities: toyModalities,
});

const source: DocumentSource = {
  name: 'toys',
  length: 12,
  locate: (index) => `toy ${index}`,
  read: async (index) => ({
    segments: [
      { modality: 'text', value: 'abcdef'.slice(index % 6) },
      { modality: 'strip', value: [index / 6 - 1, 0.5, -0.5, 1 - index / 6] },
    ],
  }),
};
const stream = createDocumentStream([{ source, transform: captionPairs() }], 7);

/** Endless batches of two rows. */
export function toyBatches(from?: BatchCursor): AsyncGenerator<StreamedBatch> {
  const shape = { numRows: 2, rowLength: 16, spanCapacity: { 'strip:4': 4 } };
  return streamBatches(stream, { model: toyModel, shape }, from);
}

/** Reads the first batches. */
export async function someBatches(count: number): Promise<StreamedBatch['batch'][]> {
  const batches: StreamedBatch['batch'][] = [];
  for await (const { batch } of toyBatches()) {
    batches.push(batch);
    if (batches.length === count) break;
  }
  return batches;
}

/** Creates the options of a ten-step run, which tests can change. */
export function toyOptions(
  directory: string,
): TrainOptions<TransfusionParams, BatchArrays, TrainingBatch, AdamWState, BatchCursor> {
  return {
    model: toyModel,
    optimizer: adamW(),
    lrSchedule: constantLr(1e-2),
    totalSteps: 10,
    batches: toyBatches,
    seed: 3,
    directory,
    checkpointEvery: 4,
  };
}

/** Creates a folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'transfusion-trainer-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Reads the tree's values, by path. */
export function numbersOf(params: Params): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(flattenParams(params)).map(([path, tensor]) => [path, [...tensor.dataSync()]]),
  );
}
