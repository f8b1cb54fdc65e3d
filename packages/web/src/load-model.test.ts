/** Models of exported folders generate what the engine generates. */
import { createEngine, type RequestEvent } from '@transfusion/core';
import type { GenerationRequest } from '@transfusion/core/documents';
import { ddpm, flowHeun } from '@transfusion/diffusion';
import { selectEngine } from '@transfusion/engine';
import { encodeDocument } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import {
  generateStream,
  knownLatent,
  withKnownPixels,
  type GenerateRequest,
  type TrainedModel,
} from '@transfusion/pipelines';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDocumentGenerator } from './document-generator.js';
import { exportedModel } from './document-model.js';
import { loadGraphs } from './graphs.js';
import { graphAxes, graphNames, loadModel, type LoadProgress } from './load-model.js';
import { loadOrt } from './ort.js';
import { readDescription } from './read-config.js';
import { exportTiny, folderOf, tinyModel } from './testing-internals/exported-folder.js';
import type { WebModel, WebRequest } from './web-model.js';

beforeAll(() => selectEngine('onnxruntime'));

const rng = createRng(5);
const photo: RgbImage = {
  width: 8,
  height: 8,
  data: Uint8Array.from({ length: 192 }, () => rng.integer(256)),
};
const words = { modality: 'text', value: 'a red apple' } as const;
const snapshot = { modality: 'image', value: photo } as const;

const requests: Readonly<Record<string, WebRequest>> = {
  text: { prompt: [words], output: 'text', seed: 3, maxTokens: 12, minTokens: 4 },
  'text with all options': {
    prompt: [words],
    output: 'text',
    seed: 4,
    maxTokens: 12,
    temperature: 1.3,
    topK: 40,
    topP: 0.9,
    repetitionPenalty: 1.2,
    stop: ['e'],
  },
  image: { prompt: [words], output: 'image', seed: 5 },
  'image of nothing': { prompt: [], output: 'image', seed: 6, numInferenceSteps: 2 },
  edit: { prompt: [snapshot, words], output: 'image', seed: 7, spanGuidanceScale: 1.5 },
  'edit away from something': {
    prompt: [snapshot, words],
    negativePrompt: [{ modality: 'text', value: 'owl' }],
    output: 'image',
    seed: 8,
  },
  caption: { prompt: [snapshot], output: 'text', seed: 9, maxTokens: 8, minTokens: 1 },
  document: { prompt: [words], output: 'document', seed: 10, maxTokens: 40, maxSpans: 2 },
};

interface Output {
  text: string;
  timesteps: number[];
  images: (readonly number[])[];
  end: unknown;
}

const empty = (): Output => ({ text: '', timesteps: [], images: [], end: undefined });

async function expectedOf(trained: TrainedModel, request: WebRequest): Promise<Output> {
  const filled = { numInferenceSteps: 4, guidanceScale: 2, ...request } as GenerateRequest;
  const output = empty();
  for await (const event of generateStream(trained, filled)) {
    if (event.type === 'text') output.text += event.text;
    else if (event.type === 'denoise-step') output.timesteps.push(event.timestep);
    else if (event.type === 'value') output.images.push([...(event.value as RgbImage).data]);
    else if (event.type === 'end') output.end = { reason: event.reason, usage: event.usage };
  }
  return output;
}

async function foundOf(model: WebModel, request: WebRequest): Promise<Output> {
  const output = empty();
  for await (const event of model.generate(request)) {
    if (event.type === 'text') output.text += event.text;
    else if (event.type === 'denoise-step') output.timesteps.push(event.timestep);
    else if (event.type === 'value') output.images.push([...event.value.data]);
    else if (event.type === 'end') output.end = { reason: event.reason, usage: event.usage };
  }
  return output;
}

function expectEqual(found: Output, expected: Output): void {
  expect({ ...found, images: found.images.length }).toEqual({ ...expected, images: expected.images.length });
  found.images.forEach((image, i) => {
    expect(largestDifference(image, expected.images[i])).toBeLessThanOrEqual(1);
  });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}

describe.each(['shared', 'per-modality'] as const)('with %s weights', async (weights) => {
  await selectEngine('onnxruntime');
  const trained = tinyModel({ weights });
  const model = await loadModel(folderOf(await exportTiny(trained)), { device: 'wasm', numThreads: 1 });

  it.each(Object.entries(requests))('generates the same %s', async (_, request) => {
    expectEqual(await foundOf(model, request), await expectedOf(trained, request));
  });

  it('inpaints the same', async () => {
    const mask = {
      width: 8,
      height: 8,
      data: Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 255 : 0)),
    };
    const request = { prompt: [words], output: 'image', seed: 11 };
    const known = await knownLatent(trained.model, { image: photo, mask }, 2);
    const expected = await expectedOf(trained, { ...request, known } as WebRequest);
    const [data] = expected.images;
    const generated = { width: 8, height: 8, data: Uint8Array.from(data) };
    expected.images = [[...(await withKnownPixels(generated, { image: photo, mask })).data]];
    expectEqual(
      await foundOf(model, { ...request, inpaint: { image: photo, mask, numResamples: 2 } }),
      expected,
    );
  });
});

describe.each([
  ['flow-heun', flowHeun()],
  ['ddpm', ddpm()],
])('sampled with %s', (_, diffusion) => {
  it('denoises to the same latents, also around a known part', async () => {
    const trained = tinyModel({ diffusion });
    const folder = folderOf(await exportTiny(trained));
    const description = await readDescription(folder);
    const ort = await loadOrt('wasm', { numThreads: 1 });
    const graphs = await loadGraphs(folder, {
      ort,
      device: 'wasm',
      precision: 'single',
      names: graphNames(description.config),
      axes: graphAxes(description.config),
      read: (path) => folder.read(path),
    });
    const model = await exportedModel(folder, description.config, graphs, (path) => folder.read(path));
    const generator = createDocumentGenerator(model, description, graphs);
    const engine = createEngine(trained.model, trained.params);
    const prompt = await encodeDocument(trained.model.modalities, { segments: [words] });
    const latent = { shape: [8, 8, 3], data: createRng(1).normals(192) };
    const known = { latent, knownMask: latent.data.map((_value, i) => (i < 60 ? 1 : 0)), numResamples: 2 };
    for (const firstSpan of [{ modality: 'image' }, { modality: 'image', known }]) {
      const request: GenerationRequest = {
        prompt,
        seed: 2,
        firstSpan,
        maxTokens: 0,
        spanSampling: { numInferenceSteps: 4, guidanceScale: 2 },
      };
      const latents = async (events: AsyncIterable<RequestEvent>): Promise<Float32Array[]> => {
        const all: Float32Array[] = [];
        for await (const event of events) {
          if (event.type === 'denoise-step') all.push(event.predOriginalSample);
          if (event.type === 'span-end') all.push(event.latent);
        }
        return all;
      };
      const expected = await latents(engine.submit(request));
      const found = await latents(generator.submit(request));
      expect(found.length).toBe(expected.length);
      found.forEach((values, i) => expect(largestDifference(values, expected[i])).toBeLessThan(1e-4));
    }
    await graphs.dispose();
    engine.dispose();
  });
});

describe('a loaded model', async () => {
  await selectEngine('onnxruntime');
  const trained = tinyModel();
  const folder = await exportTiny(trained, ['single', 'half', 'int8']);
  const options = { device: 'wasm', numThreads: 1 } as const;

  it.each([
    ['half', 3],
    ['int8', 12],
  ] as const)('is close to the engine in %s', async (precision, tolerance) => {
    const model = await loadModel(folderOf(folder), { ...options, precision });
    expect(model.precision).toBe(precision);
    const [found, expected] = [
      await foundOf(model, requests['image']),
      await expectedOf(trained, requests['image']),
    ];
    expect(largestDifference(found.images[0], expected.images[0])).toBeLessThanOrEqual(tolerance);
    await model.dispose();
  });

  it('shows what it predicts at each step', async () => {
    const model = await loadModel(folderOf(folder), options);
    const previews: Uint8Array[] = [];
    let last: ArrayLike<number> = [];
    for await (const event of model.generate(requests['image'])) {
      if (event.type === 'denoise-step') previews.push((await event.preview()).data as Uint8Array);
      if (event.type === 'value') last = event.value.data;
    }
    expect(previews.length).toBe(4);
    expect(largestDifference(previews[3], last)).toBeLessThanOrEqual(1);
    await model.dispose();
  });

  it('stops at its next step when it is aborted, or the loop is left', async () => {
    const model = await loadModel(folderOf(folder), options);
    const controller = new AbortController();
    const steps: number[] = [];
    const reading = (async () => {
      for await (const event of model.generate(requests['image'], { signal: controller.signal })) {
        if (event.type !== 'denoise-step') continue;
        steps.push(event.step);
        if (event.step === 2) controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(Math.max(...steps)).toBeLessThan(4);
    for await (const event of model.generate(requests['image'])) if (event.type === 'denoise-step') break;
    expectEqual(await foundOf(model, requests['text']), await expectedOf(trained, requests['text']));
    await model.dispose();
    await expect(foundOf(model, requests['text'])).rejects.toThrow('the model is disposed. Load it again');
  });

  it.each([
    [{ scheduler: 'ddim' }, "scheduler is 'ddim', expected one of those exported for 'image': flow-euler"],
    [
      { numInferenceSteps: 7 },
      "numInferenceSteps is 7, expected one of those exported for 'flow-euler': 4, 2",
    ],
    [{ guidanceScales: 1 }, "found the unknown field 'guidanceScales'"],
    [
      { prompt: [{ modality: 'image', value: { width: 9, height: 9, data: new Uint8Array(243) } }] },
      'Resize it before',
    ],
    [{ prompt: [{ modality: 'image', value: 'owl' }] }, "expected a value of 'image'"],
    [{ output: 'text', inpaint: {} }, "inpaint is set, but output 'text' has no latents"],
  ])('refuses %j', async (changes, message) => {
    const model = await loadModel(folderOf(folder), options);
    await expect(foundOf(model, { ...requests['image'], ...(changes as object) })).rejects.toThrow(message);
    await model.dispose();
  });

  const edited = (edit: (config: Record<string, unknown>) => void) => (bytes: Uint8Array) => {
    const config = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    edit(config);
    // As long as before: another length is another failure.
    return new TextEncoder().encode(JSON.stringify(config).padEnd(bytes.length));
  };
  it.each([
    ['config.json', edited((config) => (config['format_version'] = 2)), 'Update @transfusion/web'],
    [
      'config.json',
      edited((config) => (config['model_type'] = 'llama')),
      'model_type is "llama", expected "transfusion"',
    ],
    ['config.json', edited((config) => (config['head_dim'] = 7)), 'expected [any, 4, any, 7] by config.json'],
    ['config.json', (bytes: Uint8Array) => bytes.slice(0, 99), 'config.json: it is not JSON'],
    ['generation_config.json', edited((config) => (config['samplers'] = {})), "has no samplers for 'image'"],
    ['config.json', edited((config) => delete config['files']), 'files is undefined, expected the sizes'],
    [
      'config.json',
      edited((config) => delete (config['files'] as Record<string, unknown>)['onnx/embed_tokens.onnx']),
      'config.json: it does not list onnx/embed_tokens.onnx',
    ],
    ['tokenizer.json', (bytes: Uint8Array) => bytes.fill(0, 99), 'tokenizer.json: is not JSON'],
    ['onnx/latent_denoiser.onnx', undefined, 'onnx/latent_denoiser.onnx cannot be read'],
    [
      'onnx/latent_denoiser.onnx',
      (bytes: Uint8Array) => bytes.fill(255, 9),
      'onnx/latent_denoiser.onnx cannot be loaded on wasm',
    ],
    [
      'onnx/weights.onnx_data',
      (bytes: Uint8Array) => bytes.slice(0, 9999),
      'onnx/weights.onnx_data: it has 9999 bytes, expected ',
    ],
  ])('refuses a folder with another %s', async (path, change, message) => {
    const loading = loadModel(folderOf(folder, { [path]: change }), { ...options, precision: 'single' });
    await expect(loading).rejects.toThrow(message);
  });

  it('refuses a precision that the folder lacks, and unknown options', async () => {
    const only = folderOf(folder, { 'config.json': edited((config) => (config['precisions'] = ['half'])) });
    await expect(loadModel(only, { ...options, precision: 'int8' })).rejects.toThrow(
      "precision is 'int8', expected one of the folder's: half",
    );
    await expect(loadModel(only, { devise: 'wasm' } as never)).rejects.toThrow("'devise'");
  });

  it('reports progress, and can be aborted while it loads', async () => {
    const all: LoadProgress[] = [];
    const model = await loadModel(folderOf(folder), {
      ...options,
      onProgress: (progress) => all.push(progress),
    });
    await model.dispose();
    expect(all[0].file).toBe('onnx/weights.onnx_data');
    expect(all.at(-1)!.loaded).toBe(all[0].total);
    expect(all.map(({ loaded }) => loaded)).toEqual(all.map(({ loaded }) => loaded).sort((a, b) => a - b));

    const files: string[] = [];
    const controller = new AbortController();
    const loading = loadModel(folderOf(folder), {
      ...options,
      signal: controller.signal,
      onProgress: ({ file }) => {
        files.push(file);
        controller.abort(new Error('left'));
      },
    });
    await expect(loading).rejects.toThrow('left');
    expect(files).toEqual(['onnx/weights.onnx_data']);
  });
});
