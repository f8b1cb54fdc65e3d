/** A model with low-rank updates is the model with updated weights. */
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { createRng, flattenParams, valueAndGrad, zeroRng } from '@transfusion/nn';
import { beforeAll, expect, test } from 'vitest';
import { createEngine } from '../generate/engine/engine.js';
import { generateDocuments } from '../generate/generate.js';
import type { TransfusionParams } from '../model/transfusion.js';
import { expectClose } from '../testing-internals/expect-close.js';
import {
  inputsOf,
  packed,
  sequencesOf,
  strip,
  text,
  toyShape,
  warmParams,
} from '../testing-internals/toy-documents.js';
import { toyModel } from '../testing-internals/toy-modalities.js';
import { toyRequests } from '../testing-internals/toy-requests.js';
import { lora, loraSize, loraTargets, mergeLora } from './lora.js';
import { transformerConfig } from './config.js';

beforeAll(() => tf.setBackend('onnxruntime'));

const config = lora({ rank: 2, alpha: 3, targets: loraTargets });
const grouped = { numKvHeads: 1, qkNorm: true };
const model = toyModel(grouped, { lora: config });
const base = toyModel(grouped);
const arrays = packed(
  toyShape(2, 24, 4),
  sequencesOf([[text('abc'), strip([1, -1, 0.5, 2])], [text('fed')]]),
);

const logitsOf = (tested: typeof model, params: TransfusionParams): Float32Array =>
  tf.tidy(() => tested.forward(params, inputsOf(tested, arrays)).logits.dataSync<'float32'>());

const merged = (params: TransfusionParams): TransfusionParams => mergeLora(params, config);

test('new updates change nothing, bit for bit', () => {
  const params = model.init(createRng(4));
  const { lora: updates, ...others } = params;
  expect(Object.keys(flattenParams(updates!))).toHaveLength(2 * 2 * loraTargets.length);
  expect(logitsOf(model, params)).toEqual(logitsOf(base, others));
});

test('outputs are those of the merged weights, which differ from the base', () => {
  const params = warmParams(model);
  const found = logitsOf(model, params);
  expectClose(found, logitsOf(base, merged(params)), { absolute: 1e-4, relative: 1e-4 });
  const { lora: _, ...others } = params;
  const distance = Math.max(...logitsOf(base, others).map((logit, i) => Math.abs(logit - found[i])));
  expect(distance).toBeGreaterThan(0.1);
});

test('the engine generates what the merged weights do, and frees what it has merged', async () => {
  const params = warmParams(model);
  const before = tf.memory().numTensors;
  const engine = createEngine(model, params);
  const found = await generateDocuments(engine, toyRequests);
  engine.dispose();
  expect(tf.memory().numTensors).toBe(before);
  const plain = createEngine(base, merged(params));
  const expected = await generateDocuments(plain, toyRequests);
  plain.dispose();
  found.flat().forEach((segment, i) => {
    const other = expected.flat()[i];
    if ('ids' in segment) expect(segment).toEqual(other);
    else if ('latent' in other) expectClose(segment.latent.data, other.latent.data, { absolute: 1e-3 });
  });
});

test('gradients reach every update', () => {
  const params = warmParams(model);
  const batch = model.batchTensors(arrays);
  const { gradients } = valueAndGrad(
    (updates) => model.loss({ ...params, lora: updates }, batch),
    params.lora!,
  );
  for (const [path, gradient] of Object.entries(flattenParams(gradients))) {
    expect(gradient.abs().max().dataSync()[0], path).toBeGreaterThan(0);
  }
});

test('sizes are those of the projections', () => {
  const transformer = transformerConfig({
    numLayers: 1,
    modelDim: 16,
    numHeads: 4,
    numKvHeads: 2,
    ffnDim: 24,
  });
  const [block] = toyModel(transformer).init(zeroRng).trunk.layers;
  const { attention, ffn } = block['tokens'];
  const shapes = { ...attention, ...ffn } as Record<string, { weight: tf.Tensor }>;
  for (const target of loraTargets)
    expect(loraSize(transformer, target)).toEqual(shapes[target].weight.shape);
});

test('only what is in the targets is updated, in a fixed order', () => {
  const few = toyModel({}, { lora: lora({ rank: 1, targets: ['down', 'query'] }) });
  expect(Object.keys(flattenParams(few.init(zeroRng).lora!))).toEqual([
    'layers.0.query.down',
    'layers.0.query.up',
    'layers.0.down.down',
    'layers.0.down.up',
    'layers.1.query.down',
    'layers.1.query.up',
    'layers.1.down.down',
    'layers.1.down.up',
  ]);
  expect(lora({ rank: 4 })).toEqual({ rank: 4, alpha: 4, targets: ['query', 'value'] });
});

test.each([
  [{ rank: 0 }, 'lora: rank is 0, expected a positive integer'],
  [{ rank: 1, alpha: -1 }, 'lora: alpha is -1, expected a number above 0'],
  [{ rank: 1, targets: [] }, 'lora: targets is , expected some of query, key'],
  [{ rank: 1, targets: ['q_proj'] }, "lora: targets has 'q_proj', expected some of query, key"],
  [{ rank: 1, targets: ['key', 'key'] }, "lora: targets has 'key' twice"],
])('refuses %j', (options, message) => {
  expect(() => lora(options as never)).toThrow(message);
});

test('refuses per-modality weights', () => {
  expect(() => toyModel({ weights: 'per-modality' }, { lora: config })).toThrow(
    "transformer.weights is 'per-modality', expected 'shared'",
  );
});
