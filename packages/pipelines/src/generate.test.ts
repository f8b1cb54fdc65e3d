import * as tf from '@transfusion/tfjs';
import { createEngine, createTransfusion, generateDocuments, transformerConfig } from '@transfusion/core';
import { flowEuler } from '@transfusion/diffusion';
import {
  createModalityRegistry,
  decodeDocument,
  encodeDocument,
  type DiscreteModality,
} from '@transfusion/modality';
import { image, isRgbImage, type RgbImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import { beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import {
  generate,
  generateEach,
  modalityAccepting,
  type GenerateRequest,
  type TrainedModel,
} from './index.js';
import { melody } from './testing-internals/melody.js';

/** Numbers as tally marks: one token each. */
const tally: DiscreteModality<'tally', number> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'tally',
  vocabSize: 1,
  accepts: (value): value is number => typeof value === 'number',
  encode: (count) => new Int32Array(count),
  decode: (ids) => ids.length,
};
const modalities = createModalityRegistry(
  text(),
  image({
    latentShapes: [
      [4, 4, 3],
      [4, 8, 3],
    ],
    patchSize: 2,
    diffusion: flowEuler(),
  }),
  melody,
);
const transformer = transformerConfig({ modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32 });
const model = createTransfusion({ modalities, transformer });
let trained: { readonly model: typeof model; readonly params: TrainedModel['params'] };
beforeAll(async () => {
  await tf.setBackend('cpu');
  trained = { model, params: model.init(createRng(1)) };
});

const prompt = [{ modality: 'text', value: 'red' }] as const;

test('an image has the requested latent shape', async () => {
  const request = { prompt, output: 'image', numInferenceSteps: 2, latentShape: [4, 8, 3] } as const;
  const wide = await generate(trained, request);
  expectTypeOf(wide).toEqualTypeOf<RgbImage>();
  expect(wide).toMatchObject({ width: 8, height: 4 });
  expect(await generate(trained, request)).toEqual(wide);
  expect(await generate(trained, { ...request, seed: 1 })).not.toEqual(wide);
});

test('text output has text tokens only, up to maxTokens', async () => {
  const written = await generate(trained, { prompt, output: 'text', minTokens: 20, maxTokens: 20 });
  expectTypeOf(written).toEqualTypeOf<string>();
  expect(written.length).toBeGreaterThan(0);
});

test('a value with a fixed number of tokens is complete', async () => {
  const requests = Array.from({ length: 8 }, (_, seed) => ({ prompt, output: 'melody', seed }) as const);
  const melodies: (readonly number[])[] = [];
  for await (const notes of generateEach(trained, requests)) melodies.push(notes);
  for (const notes of melodies) expect(notes).toHaveLength(3);
  expect(new Set(melodies.map(String)).size).toBeGreaterThan(1);
});

test('a document without tokens decodes to an empty value', async () => {
  const tallies = createTransfusion({ modalities: createModalityRegistry(tally), transformer });
  const requests = Array.from({ length: 8 }, (_, seed) => ({ prompt: [], output: 'tally', seed }) as const);
  const counts: number[] = [];
  const params = tallies.init(createRng(1));
  for await (const count of generateEach({ model: tallies, params }, requests)) counts.push(count);
  expect(counts).toContain(0);
  expect(Math.max(...counts)).toBeGreaterThan(0);
});

test('any modality may be part of a prompt', async () => {
  const [red, blue] = await Promise.all(
    [
      [1, 2, 3],
      [7, 7, 7],
    ].map((value) =>
      generate(trained, {
        prompt: [{ modality: 'melody', value }, ...prompt],
        output: 'image',
        numInferenceSteps: 2,
      }),
    ),
  );
  expect(red).not.toEqual(blue);
});

test('a document equals the segments that core generates, in order', async () => {
  const limits = { seed: 17, maxTokens: 24, minTokens: 24, maxSpans: 3 };
  const document = await generate(trained, { prompt, output: 'document', numInferenceSteps: 2, ...limits });
  expectTypeOf(document[0].modality).toEqualTypeOf<'text' | 'image' | 'melody'>();
  const [red] = await encodeDocument(modalities, { segments: prompt });
  const [encoded] = await generateDocuments(createEngine(model, trained.params), [
    { prompt: [red], spanSampling: { numInferenceSteps: 2 }, ...limits },
  ]);
  expect(document).toEqual(await decodeDocument(modalities, encoded));
  expect(document.map(({ modality }) => modality)).toEqual([
    'text',
    'melody',
    'text',
    'melody',
    'text',
    'image',
    'text',
  ]);
  for (const { modality, value } of document) expect(isRgbImage(value)).toBe(modality === 'image');
});

describe('batches', () => {
  let taken: number;
  function* requests(): Generator<GenerateRequest> {
    while (taken < 35) yield { prompt, output: 'text', seed: taken++, maxTokens: 4, minTokens: 4 };
  }
  beforeEach(() => {
    taken = 0;
  });

  test('the next requests are pulled only after sixteen are done', async () => {
    const takenBefore: number[] = [];
    for await (const written of generateEach(trained as TrainedModel, requests())) {
      expect((written as string).length).toBeGreaterThan(0);
      takenBefore.push(taken);
    }
    expect(takenBefore).toEqual([
      ...new Array<number>(16).fill(16),
      ...new Array<number>(16).fill(32),
      ...new Array<number>(3).fill(35),
    ]);
  });

  test('an output is the same alone and in a batch', async () => {
    const all: unknown[] = [];
    for await (const written of generateEach(trained as TrainedModel, requests())) all.push(written);
    const alone = await generate(trained, { prompt, output: 'text', seed: 20, maxTokens: 4, minTokens: 4 });
    expect(all[20]).toEqual(alone);
  });
});

test('refuses requests that cannot be generated', async () => {
  const untyped = trained as TrainedModel;
  await expect(generate(untyped, { prompt, output: 'smell' })).rejects.toThrow("unknown modality 'smell'");
  await expect(
    generate(untyped, { prompt: [{ modality: 'text', value: true }], output: 'image' }),
  ).rejects.toThrow("segment 0: found the boolean true, expected a value of 'text'");
  await expect(generate(trained, { prompt, output: 'text', latentShape: [4, 4, 3] })).rejects.toThrow(
    "latentShape is set, but output 'text' has no latents",
  );
  expect(() => modalityAccepting(untyped.model.modalities, true, 'flag')).toThrow(
    "The model has no flag modality, only 'text', 'image', 'melody'.",
  );
});

test('each model of the same parameters has its own engine, and no other is accepted', async () => {
  const twin = createTransfusion({ modalities, transformer, spanAttention: 'causal' });
  const request = { prompt, output: 'image', latentShape: [4, 4, 3], numInferenceSteps: 2 } as const;
  const first = await generate(trained, request);
  const other = await generate({ model: twin, params: trained.params }, request);
  expect(other.data).not.toEqual(first.data);
  const engine = createEngine(twin, trained.params);
  await expect(generate({ ...trained, engine }, request)).rejects.toThrow(
    'pipelines: the engine generates with another model than `model`',
  );
});
