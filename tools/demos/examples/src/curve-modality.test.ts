import * as tf from '@transfusion/tfjs';
import {
  createTransfusion,
  createEngine,
  generateDocuments,
  transformerConfig,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { captionPairs, createDocumentStream, streamBatches, type DocumentSource } from '@transfusion/data';
import { flowEuler, velocity } from '@transfusion/diffusion';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry, decodeDocument, encodeDocument } from '@transfusion/modality';
import { image, type RgbImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { continuousModalityChecks } from '@transfusion/modality/testing';
import { adamW, createRng, warmupCosine } from '@transfusion/nn';
import { createTrainStep } from '@transfusion/trainer';
import { beforeAll, describe, expect, test } from 'vitest';
import { curve, type Curve } from './curve-modality.js';

const STEPS = 600;

const CURVES: Readonly<Record<string, (x: number) => number>> = {
  rise: (x) => 2 * x - 1,
  fall: (x) => 1 - 2 * x,
  wave: (x) => Math.sin(4 * Math.PI * x),
  step: (x) => (x < 0.5 ? -0.8 : 0.8),
};
const COLORS: Readonly<Record<string, readonly number[]>> = {
  red: [220, 30, 30],
  green: [30, 180, 40],
  blue: [30, 60, 220],
};

const sampled = (fn: (x: number) => number): Curve => Float32Array.from({ length: 64 }, (_, i) => fn(i / 63));
const plain = (color: readonly number[]): RgbImage => ({
  width: 8,
  height: 8,
  data: Uint8Array.from({ length: 192 }, (_, i) => color[i % 3]),
});

/** A curve's samples, or an image's, from -1 to 1. */
const numbersOf = (value: string | Curve | RgbImage): Float32Array => {
  if (typeof value === 'string') throw new Error(`found '${value}', expected a curve or an image`);
  return value instanceof Float32Array ? value : Float32Array.from(value.data, (byte) => byte / 127.5 - 1);
};
const meanSquare = (numbers: Float32Array): number =>
  numbers.reduce((sum, number) => sum + number ** 2, 0) / numbers.length;

const pairs = [
  ...Object.entries(CURVES).map(([name, fn]) => ({ caption: name, modality: 'curve', value: sampled(fn) })),
  ...Object.entries(COLORS).map(([name, rgb]) => ({ caption: name, modality: 'image', value: plain(rgb) })),
];
const source: DocumentSource = {
  name: 'curves and colors',
  length: pairs.length,
  locate: (index) => pairs[index].caption,
  read: async (index) => {
    const { caption, modality, value } = pairs[index];
    return {
      segments: [
        { modality: 'text', value: caption },
        { modality, value },
      ],
    };
  },
};

describe('the contract', () => {
  const checks = continuousModalityChecks(curve(), {
    values: Object.values(CURVES).map(sampled),
    distance: (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i]))),
    tolerance: 0,
  });
  for (const { name, run } of checks) test(name, run);
});

describe('text, images and curves in one model', () => {
  const modalities = createModalityRegistry(
    text(),
    image({
      latentShapes: [[8, 8, 3]],
      patchSize: 4,
      positionEmbedding: 'axial',
      diffusion: flowEuler({ predictionType: 'sample', lossWeighting: velocity(0.2) }),
    }),
    curve(),
  );
  let model: Transfusion;
  let params: TransfusionParams;

  beforeAll(async () => {
    await selectEngine('onnxruntime');
    const transformer = transformerConfig({
      numLayers: 3,
      modelDim: 64,
      numHeads: 2,
      ffnDim: 128,
      qkNorm: true,
    });
    model = createTransfusion({ transformer, modalities });
    const stream = createDocumentStream([{ source, transform: captionPairs({ captionFirst: 0.5 }) }], 1);
    const shape = { numRows: 8, rowLength: 64, spanCapacity: { 'image:8x8x3': 28, 'curve:64': 28 } };
    const batches = streamBatches(stream, { model, shape });
    const step = createTrainStep(model, { optimizer: adamW({ weightDecay: 0 }) });
    const learningRate = warmupCosine({ peak: 3e-3, warmupSteps: 20, totalSteps: STEPS });
    let state = step.init(model.init(createRng(1)));
    for (let i = 0; i < STEPS; i++) {
      const batch = model.batchTensors((await batches.next()).value.batch);
      const result = step.run(state, [batch], { learningRate: learningRate(i), emaDecay: 0 });
      state = result.state;
      tf.dispose([batch, result.report]);
    }
    params = state.params;
  }, 120_000);

  test('generates the curve and the color that a prompt names', async () => {
    const requests = await Promise.all(
      pairs.map(async ({ caption, modality }, seed) => ({
        prompt: await encodeDocument(modalities, { segments: [{ modality: 'text', value: caption }] }),
        firstSpan: { modality },
        seed,
        maxTokens: 0,
        spanSampling: { numInferenceSteps: 10, guidanceScale: 1 },
      })),
    );
    const engine = createEngine(model, params);
    const documents = await generateDocuments(engine, requests);
    engine.dispose();
    for (const [i, { modality, value }] of pairs.entries()) {
      const [generated] = await decodeDocument(modalities, documents[i]);
      expect(generated.modality).toBe(modality);
      const expected = numbersOf(value);
      const error = meanSquare(numbersOf(generated.value).map((number, j) => number - expected[j]));
      // The mean of all curves is about 0.5 away from each, and so is that of all colors.
      expect(error, pairs[i].caption).toBeLessThan(0.1);
    }
  });

  test('captions a curve and its color', async () => {
    const requests = await Promise.all(
      pairs.map(async ({ modality, value }, seed) => ({
        prompt: await encodeDocument(modalities, { segments: [{ modality, value }] }),
        seed,
        minTokens: 1,
        maxTokens: 12,
        maxSpans: 0,
        tokenSampling: { temperature: 0 },
      })),
    );
    const engine = createEngine(model, params);
    const documents = await generateDocuments(engine, requests);
    engine.dispose();
    const decoded = await Promise.all(documents.map((document) => decodeDocument(modalities, document)));
    const captions = decoded.map(([{ value }]) => value);
    const right = captions.filter((caption, i) => caption === pairs[i].caption).length;
    expect(right, captions.join(', ')).toBeGreaterThanOrEqual(6);
  });
});
