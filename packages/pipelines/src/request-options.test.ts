/** Options of generation: they reach core, and misspelled ones are refused. */
import * as tf from '@transfusion/tfjs';
import { createEngine, createTransfusion, generateDocuments, transformerConfig } from '@transfusion/core';
import { flowEuler, flowHeun } from '@transfusion/diffusion';
import { createModalityRegistry, decodeDocument, encodeDocument } from '@transfusion/modality';
import { image, type PixelMask, type RgbImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  editImage,
  generate,
  generateEach,
  imageToText,
  inpaintImage,
  textToImage,
  type GenerateRequest,
  type TrainedModel,
} from './index.js';

const modalities = createModalityRegistry(
  text(),
  text({ name: 'code' }),
  image({ latentShapes: [[4, 4, 3]], patchSize: 2, diffusion: flowEuler() }),
);
const transformer = transformerConfig({ modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32 });
const model = createTransfusion({ modalities, transformer });
let trained: TrainedModel;
beforeAll(async () => {
  await tf.setBackend('cpu');
  trained = { model, params: model.init(createRng(1)) };
});

const prompt = [{ modality: 'text', value: 'red' }];
const gray: RgbImage = { width: 4, height: 4, data: new Uint8Array(48).fill(90) };

describe('stop strings of bytes', () => {
  // Characters of one and two bytes, each byte a token; the model generates some of the second in the right order.
  const bytes = new TextEncoder().encode('aé');
  const logitBias = [...bytes].map((id) => ({ modality: 'text', id, bias: 20 }));
  const request = { prompt, output: 'text', maxTokens: 60, logitBias };

  test('cut the text off before the first of them, wherever tokens begin', async () => {
    for (const seed of [1, 2]) {
      const whole = (await generate(trained, { ...request, seed })) as string;
      const slices = [1, 2, 3, 4].flatMap((length) =>
        Array.from({ length: whole.length - length }, (_, i) => whole.slice(i, i + length)),
      );
      const stops = [...new Set(slices)].filter((stop) => !stop.includes('\uFFFD'));
      expect(stops.filter((stop) => stop.includes('é')).length).toBeGreaterThan(2);
      const requests = stops.map((stop) => ({ ...request, seed, stop: ['never', stop] }));
      const events: { readonly request: number; readonly last: string }[] = [];
      const ids = stops.map((): number[] => []);
      const onEvent: Parameters<typeof generateEach>[2] = (event) => {
        if (event.type === 'token') ids[event.request].push(event.id);
        if (event.type === 'end') events.push({ request: event.request, last: event.reason });
      };
      const cut: unknown[] = [];
      for await (const value of generateEach(trained, requests, onEvent)) cut.push(value);
      expect(cut).toEqual(stops.map((stop) => whole.slice(0, whole.indexOf(stop))));
      expect(new Set(events.map(({ last }) => last))).toEqual(new Set(['stop']));
      // The events have the stop string, and nothing after it.
      const decoder = text();
      ids.forEach((some, i) => {
        const heard = decoder.decode(Int32Array.from(some));
        expect(heard).toBe(whole.slice(0, whole.indexOf(stops[i]) + stops[i].length));
      });
    }
  });

  test('end a document, whose last text is cut off', async () => {
    const seed = 1;
    const limited = { prompt, output: 'document', seed, maxTokens: 40, logitBias, modalities: ['text'] };
    const [whole] = (await generate(trained, limited)) as readonly { readonly value: string }[];
    const stop = whole.value.slice(6, 8);
    const [segment] = (await generate(trained, { ...limited, stop: [stop] })) as (typeof whole)[];
    expect(segment.value).toBe(whole.value.slice(0, whole.value.indexOf(stop)));
  });

  test('end captions', async () => {
    const options = { maxTokens: 20, temperature: 1, logitBias };
    const [whole] = await imageToText(trained, [gray], options);
    const stop = whole.slice(4, 6);
    expect(await imageToText(trained, [gray], { ...options, stop: [stop] })).toEqual([
      whole.slice(0, whole.indexOf(stop)),
    ]);
  });
});

test('options for tokens reach core', async () => {
  const tokenSampling = { temperature: 0.7, topK: 90, topP: 0.9, minP: 0.1, repetitionPenalty: 1.5 };
  const limits = { seed: 3, minTokens: 8, maxTokens: 8 };
  const [encoded] = await generateDocuments(createEngine(model, trained.params), [
    {
      prompt: await encodeDocument(modalities, { segments: prompt }),
      modalities: ['code'],
      tokenSampling,
      ...limits,
    },
  ]);
  const [expected] = await decodeDocument(modalities, encoded);
  const found = await generate(trained, { prompt, output: 'code', ...limits, ...tokenSampling });
  expect(found).toBe(expected.value);
  const sampled = await generate(trained, { prompt, output: 'code', ...limits });
  expect(sampled).not.toBe(found);
});

test('a document is held to modalities', async () => {
  const limits = { seed: 3, minTokens: 30, maxTokens: 30 };
  const only = { prompt, output: 'document', ...limits, modalities: ['code'] };
  const segments = (await generate(trained, only)) as readonly { readonly modality: string }[];
  expect(segments.map(({ modality }) => modality)).toEqual(['code']);
  const both = { ...only, modalities: ['code', 'text'] };
  const mixed = (await generate(trained, both)) as readonly { readonly modality: string }[];
  expect(new Set(mixed.map(({ modality }) => modality))).toEqual(new Set(['code', 'text']));
  const held = { ...only, modalities: ['image'], minTokens: 0, maxSpans: 2, numInferenceSteps: 2 };
  const images = (await generate(trained, held)) as readonly { readonly modality: string }[];
  expect(new Set(images.map(({ modality }) => modality))).toEqual(new Set(['image']));
});

test('options for latents reach core', async () => {
  const spanSampling = { numInferenceSteps: 3, guidanceScale: 50, guidanceInterval: [300, 700] as const };
  const negative = [{ modality: 'text', value: 'blue' }];
  const [first, second] = await Promise.all(
    [prompt, negative].map((segments) => encodeDocument(modalities, { segments })),
  );
  const [encoded] = await generateDocuments(createEngine(model, trained.params), [
    {
      prompt: first,
      seed: 2,
      firstSpan: { modality: 'image' },
      maxTokens: 0,
      spanSampling: { ...spanSampling, negativePrompt: second, scheduler: flowHeun() },
    },
  ]);
  const [{ value: expected }] = await decodeDocument(modalities, encoded);
  const options = { seed: 2, ...spanSampling, scheduler: 'flow-heun' };
  const request = { prompt, output: 'image', ...options };
  expect(await generate(trained, { ...request, negativePrompt: negative })).toEqual(expected);
  expect(await generate(trained, request)).not.toEqual(expected);
  expect(await textToImage(trained, ['red'], { ...options, negativePrompt: 'blue' })).toEqual([expected]);
  const anywhere = { ...options, negativePrompt: 'blue', guidanceInterval: undefined };
  expect(await textToImage(trained, ['red'], anywhere)).not.toEqual([expected]);
  const euler = { ...options, negativePrompt: 'blue', scheduler: undefined };
  expect(await textToImage(trained, ['red'], euler)).not.toEqual([expected]);
});

test('edits and inpaintings have a negative prompt, too', async () => {
  const options = { numInferenceSteps: 2, guidanceScale: 4 };
  const edit = [{ image: gray, instruction: 'mirror it' }];
  const mask: PixelMask = { width: 4, height: 4, data: new Uint8Array(16).fill(255, 0, 8) };
  const inpainting = [{ image: gray, mask, prompt: 'red' }];
  const away = { ...options, negativePrompt: 'blue' };
  expect(await editImage(trained, edit, away)).not.toEqual(await editImage(trained, edit, options));
  const inpainted = await inpaintImage(trained, inpainting, options);
  expect(await inpaintImage(trained, inpainting, away)).not.toEqual(inpainted);
});

describe('refuses', () => {
  test.each<[object, string]>([
    [
      { guidence: 3 },
      "generate: the request: found the unknown field 'guidence', expected prompt, negativePrompt, output, ",
    ],
    [{ guidancescale: 3 }, "Did you mean 'guidanceScale'?"],
    [{ modalites: ['text'] }, "Did you mean 'modalities'?"],
    [{ modalities: ['text'] }, "modalities is set, but the output is 'image', expected 'document'."],
    [{ scheduler: 'ddim' }, "generate: 'image': the scheduler is 'ddim', expected one that fits"],
    [{ scheduler: 'flow-hoin' }, 'flow-euler, flow-heun.'],
    [{ guidanceInterval: [700, 300] }, 'generate: guidanceInterval is from 700 to 300'],
    [
      { negativePrompt: [{ modality: 'text', value: 3 }] },
      "negativePrompt: segment 0: found the number 3, expected a value of 'text'",
    ],
    [{ minP: 2 }, 'generate: minP is 2'],
  ])('%j', async (options, message) => {
    const request = { prompt, output: 'image', ...options } as GenerateRequest;
    await expect(generate(trained, request)).rejects.toThrow(message);
  });

  test('an empty stop string', async () => {
    const request = { prompt, output: 'text', stop: [''] };
    await expect(generate(trained, request)).rejects.toThrow('stop[0] is ""');
  });

  test('unknown options of the image tasks', async () => {
    const misspelled = { guidancescale: 3 } as object;
    const mask: PixelMask = { width: 4, height: 4, data: new Uint8Array(16).fill(255) };
    await expect(textToImage(trained, ['red'], misspelled)).rejects.toThrow(
      "textToImage: options: found the unknown field 'guidancescale', expected seed, ",
    );
    await expect(editImage(trained, [{ image: gray, instruction: 'a' }], misspelled)).rejects.toThrow(
      "editImage: options: found the unknown field 'guidancescale'",
    );
    await expect(inpaintImage(trained, [{ image: gray, mask }], misspelled)).rejects.toThrow(
      "inpaintImage: options: found the unknown field 'guidancescale'",
    );
    await expect(imageToText(trained, [gray], { maxToken: 3 } as object)).rejects.toThrow(
      "Did you mean 'maxTokens'?",
    );
  });
});
