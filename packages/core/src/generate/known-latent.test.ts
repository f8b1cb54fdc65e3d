/**
 * Inpainting: known elements are kept, generated ones fit them, and the model sees both at the same noise
 * level.
 */
import * as tf from '@transfusion/tfjs';
import {
  ddim,
  ddpm,
  dpmSolverPlusPlus,
  flowEuler,
  flowHeun,
  type NoiseScheduler,
} from '@transfusion/diffusion';
import { createModalityRegistry, type Latent } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { expectClose } from '../testing-internals/expect-close.js';
import { noParams, scriptedModel, type ShownSequence } from '../testing-internals/scripted-model.js';
import { strip, text, warmParams } from '../testing-internals/toy-documents.js';
import { letters, strips, toyModel } from '../testing-internals/toy-modalities.js';
import type { Transfusion } from '../model/transfusion.js';
import { generatePlain } from './plain-generate.js';
import { plainDocuments } from '../testing-internals/plain-documents.js';
import { resampledSteps } from './resampled-steps.js';
import type { GenerationEvent, GenerationRequest, KnownLatent, SpanSamplingOptions } from './request.js';

beforeAll(() => tf.setBackend('cpu'));

// Spaced so that they begin with noise alone.
const spacing = { timestepSpacing: 'trailing' } as const;
const samplers: [string, NoiseScheduler][] = [
  ['ddpm', ddpm(spacing)],
  ['ddim', ddim(spacing)],
  ['ddim with noise', ddim({ eta: 0.5, ...spacing })],
  ['dpm-solver++', dpmSolverPlusPlus(spacing)],
  ['flow-euler', flowEuler()],
  ['flow-heun', flowHeun()],
];
// Not one of them survives arithmetic that is not exact.
const latent: Latent = { shape: [4], data: Float32Array.of(0.1, -0, 1 / 3, -2.7182817) };
const modalitiesOf = (scheduler: NoiseScheduler) =>
  createModalityRegistry(letters('text'), strips('strip', scheduler));

function requestOf(known?: KnownLatent, changes: Partial<SpanSamplingOptions> = {}): GenerationRequest {
  return {
    prompt: [text('b')],
    firstSpan: { modality: 'strip', ...(known === undefined ? { latentShape: [4] } : { known }) },
    seed: 1,
    maxTokens: 0,
    spanSampling: { numInferenceSteps: 3, guidanceScale: 1, ...changes },
  };
}

async function generateLatent(model: Transfusion, params: typeof noParams, request: GenerationRequest) {
  const [[segment]] = await plainDocuments(model, params, [request]);
  return 'latent' in segment ? segment.latent.data : new Float32Array();
}

describe.each(samplers)('with %s and a model that computes', (_, scheduler) => {
  const model = toyModel({}, { modalities: modalitiesOf(scheduler) });
  const params = warmParams(model);
  const generateKnown = (known?: KnownLatent, seed = 1, changes: Partial<SpanSamplingOptions> = {}) =>
    generateLatent(model, params, { ...requestOf(known, changes), seed });

  it.each([1, 3])('keeps known elements exactly, taking steps %i times', async (numResamples) => {
    const known = { latent, knownMask: [1, 1, 0, 1], numResamples };
    const [one, other] = [await generateKnown(known), await generateKnown(known, 2)];
    for (const result of [one, other]) {
      expect([0, 1, 3].map((i) => result[i])).toEqual([0, 1, 3].map((i) => latent.data[i]));
      expect(result[2]).not.toBe(latent.data[2]);
      expect(result[2]).toBeTypeOf('number');
      expect(Number.isFinite(result[2])).toBe(true);
    }
    expect(one[2]).not.toBe(other[2]);
    expect(await generateKnown(known)).toEqual(one);
    // With guidance, the rows without the prompt also contain the known part.
    const guided = await generateKnown(known, 1, { guidanceScale: 2 });
    expect(guided[3]).toBe(latent.data[3]);
  });

  it('returns a fully known latent unchanged', async () => {
    expect(await generateKnown({ latent, knownMask: new Uint8Array(4).fill(1) })).toEqual(latent.data);
  });

  it('generates as usual if nothing is known', async () => {
    expect(await generateKnown({ latent, knownMask: new Float32Array(4) })).toEqual(await generateKnown());
  });

  it('conditions the generated part on the known part', async () => {
    const knownMask = [1, 0, 1, 1];
    const far = { shape: [4], data: latent.data.map((value) => value + 2) };
    expect((await generateKnown({ latent, knownMask }))[1]).not.toBe(
      (await generateKnown({ latent: far, knownMask }))[1],
    );
  });
});

describe('the model sees the known part at the noise level of the rest', () => {
  /** Answers with zeros, so a flow's sample stays as it is where nothing is known. */
  async function shownWith(scheduler: NoiseScheduler, known: KnownLatent, numInferenceSteps = 2) {
    const shown: ShownSequence['spans'][number][] = [];
    const model = scriptedModel(({ spans }) => {
      shown.push(spans[0]);
      return { spanOutput: [0, 0, 0, 0] };
    }, modalitiesOf(scheduler));
    const request = requestOf(known, { numInferenceSteps });
    const events: GenerationEvent[] = [];
    for await (const event of generatePlain(model, noParams, [request])) events.push(event);
    return { shown, events };
  }
  const root = createRng(1).fork('span 0');
  const start = [...root.fork('start').normals(4)];
  const flowNoised = (t: number) =>
    [...latent.data].map((x, i) => (1 - t / 1000) * x + (t / 1000) * start[i]);

  it('flow: along the line to the initial noise', async () => {
    const { shown, events } = await shownWith(flowEuler(), { latent, knownMask: [1, 1, 0, 1] }, 4);
    expect(shown.map(({ timestep }) => timestep)).toEqual([1000, 750, 500, 250]);
    for (const { timestep, latents } of shown) {
      const expected = flowNoised(timestep);
      expected[2] = start[2];
      expectClose(latents, expected, { absolute: 1e-5 });
    }
    const previews = events.filter((event) => event.type === 'denoise-step');
    for (const { predOriginalSample } of previews) {
      expect([0, 1, 3].map((i) => predOriginalSample[i])).toEqual([0, 1, 3].map((i) => latent.data[i]));
      expectClose([predOriginalSample[2]], [start[2]], { absolute: 1e-5 });
    }
  });

  it("Heun: the same at both calls of a step, and the sampler's memory goes its way", async () => {
    const { shown, events } = await shownWith(flowHeun(), { latent, knownMask: [0, 1, 1, 1] });
    expect(shown.map(({ timestep }) => timestep)).toEqual([1000, 500, 500]);
    for (const { timestep, latents } of shown) {
      expectClose(latents, [start[0], ...flowNoised(timestep).slice(1)], { absolute: 1e-5 });
    }
    const [end] = events.filter((event) => event.type === 'span-end');
    expectClose(end.latent, [start[0], ...latent.data.subarray(1)], { absolute: 1e-5 });
  });

  it.each([
    ['a deterministic sampler: one noise', ddim(), () => start],
    [
      'a stochastic one: fresh noise each time',
      ddpm(),
      (step: number) => [...root.fork('known').fork(step).normals(4)],
    ],
  ])('%s', async (_, scheduler, noiseOf) => {
    const { shown } = await shownWith(scheduler, { latent, knownMask: [1, 0, 1, 1] }, 3);
    expect(shown.map(({ timestep }) => timestep)).toEqual([666, 333, 0]);
    shown.forEach(({ timestep, latents }, step) => {
      const noise = noiseOf(step);
      const t = tf.tensor1d([timestep]);
      const expected = scheduler.addNoise(tf.tensor([[...latent.data]]), tf.tensor([noise]), t).dataSync();
      for (const i of [0, 2, 3]) expectClose([latents[i]], [expected[i]], { absolute: 1e-6 });
    });
  });

  it('leaves spans of the prompt and other requests unchanged', async () => {
    const shown: ShownSequence[] = [];
    const model = scriptedModel((sequence) => {
      shown.push(sequence);
      return { spanOutput: [0, 0, 0, 0] };
    });
    const prompt = [strip([9, 8, 7, 6])];
    const spanSampling = { numInferenceSteps: 1, guidanceScale: 1 };
    const plain = {
      prompt,
      firstSpan: { modality: 'strip', latentShape: [4] },
      seed: 1,
      maxTokens: 0,
      spanSampling,
    };
    const known = { latent, knownMask: [1, 1, 1, 0] };
    const inpainted = { ...plain, firstSpan: { modality: 'strip', known } };
    const [[before], [after]] = await plainDocuments(model, noParams, [plain, inpainted]);
    expect(shown.map(({ spans: [first] }) => first.latents)).toEqual([
      [9, 8, 7, 6],
      [9, 8, 7, 6],
    ]);
    const [alone] = await plainDocuments(model, noParams, [plain]);
    expect(before).toEqual(alone[0]);
    expect('latent' in after && [...after.latent.data.subarray(0, 3)]).toEqual([
      ...latent.data.subarray(0, 3),
    ]);
  });

  it('takes the shape of the known latent', async () => {
    const wide = { shape: [6], data: new Float32Array(6) };
    const known = { latent: wide, knownMask: new Uint8Array(6).fill(1) };
    expect(await generateLatent(toyModel(), warmParams(toyModel()), requestOf(known))).toHaveLength(6);
  });
});

describe('resampling', () => {
  it('repeats all steps but the last, correctors with their steps', () => {
    const [a, b, c] = flowEuler().timesteps(3);
    expect(resampledSteps([a, b, c], 2)).toEqual([a, a, b, b, c]);
    expect(resampledSteps([a, b, c], 1)).toEqual([a, b, c]);
    const [d, e, f] = flowHeun().timesteps(2);
    expect(resampledSteps([d, e, f], 3)).toEqual([d, e, d, e, d, e, f]);
  });

  it.each(samplers)('%s: noises the sample back to the level of the step', async (_, scheduler) => {
    // Of a sample that is its noise at every step, what is shown keeps the noise level's deviation.
    const shown: ShownSequence['spans'][number][] = [];
    const clean = 0.5;
    const levelOf = (t: number) => {
      const [one, zero, at] = [tf.ones([1]), tf.zeros([1]), tf.tensor1d([t])];
      return [
        scheduler.addNoise(one, zero, at).dataSync()[0],
        scheduler.addNoise(zero, one, at).dataSync()[0],
      ];
    };
    // The model knows the clean sample, and says so in the terms of its sampler.
    const model = scriptedModel(({ spans: [span] }) => {
      shown.push(span);
      const [alpha, sigma] = levelOf(span.timestep);
      return {
        spanOutput: span.latents.map((x) => {
          const noise = (x - alpha * clean) / sigma;
          return scheduler.predictionType === 'flow' ? noise - clean : noise;
        }),
      };
    }, modalitiesOf(scheduler));
    const known = { latent, knownMask: [1, 0, 0, 0], numResamples: 2 };
    const requests = Array.from({ length: 200 }, (__, seed) => ({ ...requestOf(known), seed }));
    const documents = await plainDocuments(model, noParams, requests);
    for (const [segment] of documents) {
      const values = 'latent' in segment ? segment.latent.data : [];
      expect(values[0]).toBe(latent.data[0]);
      expectClose([values[1], values[2], values[3]], [clean, clean, clean], { absolute: 1e-3 });
    }
    const numCalls = resampledSteps(scheduler.timesteps(3), 2).length;
    expect(shown).toHaveLength(numCalls * requests.length);
    for (let call = 0; call < numCalls; call++) {
      const ofCall = shown.slice(call * requests.length, (call + 1) * requests.length);
      const [alpha, sigma] = levelOf(ofCall[0].timestep);
      const noises = ofCall.flatMap(({ latents }) =>
        latents.slice(1).map((x) => (x - alpha * clean) / sigma),
      );
      const deviation = Math.sqrt(noises.reduce((sum, noise) => sum + noise ** 2, 0) / noises.length);
      expect(Math.abs(deviation - 1)).toBeLessThan(0.1);
    }
  });

  it('the generated part fits the known part better', async () => {
    // Four numbers that are nearly the same one, of variance 1; the model predicts them as well as can be.
    const correlation = 0.9;
    const model = scriptedModel(({ spans: [{ latents, timestep }] }) => {
      const [alpha, sigma] = [1 - timestep / 1000, timestep / 1000];
      const kept = (variance: number) => (alpha * variance) / (alpha ** 2 * variance + sigma ** 2);
      const mean = latents.reduce((sum, x) => sum + x, 0) / 4;
      const clean = latents.map((x) => kept(1 + 3 * correlation) * mean + kept(1 - correlation) * (x - mean));
      return { spanOutput: latents.map((x, i) => (x - clean[i]) / sigma) };
    }, modalitiesOf(flowEuler()));
    const same: Latent = { shape: [4], data: Float32Array.of(1.5, 1.5, 1.5, 0) };
    const expected = 1.5 * ((3 * correlation) / (1 + 2 * correlation));
    const errorWith = async (numResamples: number): Promise<number> => {
      const request = requestOf(
        { latent: same, knownMask: [1, 1, 1, 0], numResamples },
        { numInferenceSteps: 10 },
      );
      const requests = Array.from({ length: 200 }, (_, seed) => ({ ...request, seed }));
      const documents = await plainDocuments(model, noParams, requests);
      const values = documents.map(([segment]) => ('latent' in segment ? segment.latent.data[3] : NaN));
      return Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - expected);
    };
    const [once, again] = [await errorWith(1), await errorWith(4)];
    expect(again).toBeLessThan(once / 2);
  });

  it('counts repeated steps', async () => {
    const model = scriptedModel(() => ({ spanOutput: [0, 0, 0, 0] }));
    const steps: string[] = [];
    const request = requestOf({ latent, knownMask: [1, 0, 0, 0], numResamples: 2 });
    for await (const event of generatePlain(model, noParams, [request])) {
      if (event.type === 'denoise-step') steps.push(`${event.step}/${event.numSteps}`);
    }
    expect(steps).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5']);
  });
});

it.each(samplers)('leaves no tensors behind: %s', async (_, scheduler) => {
  const model = scriptedModel(() => ({ spanOutput: [0, 0, 0, 0] }), modalitiesOf(scheduler));
  const request = requestOf({ latent, knownMask: [1, 1, 0, 0], numResamples: 2 });
  const before = tf.memory().numTensors;
  await plainDocuments(model, noParams, [request, request]);
  expect(tf.memory().numTensors).toBe(before);
  let steps = 0;
  for await (const { type } of generatePlain(model, noParams, [request])) {
    if (type === 'denoise-step' && ++steps === 2) break;
  }
  expect(tf.memory().numTensors).toBe(before);
});

// The known part, the logits, the model's output, the sampler's two results; then all but the logits again.
it.each([1, 2, 3, 4, 5, 6, 7])('leaves no tensors behind when the read number %i fails', async (failing) => {
  const modalities = modalitiesOf(dpmSolverPlusPlus());
  const model = scriptedModel(() => ({ spanOutput: [0, 0, 0, 0] }), modalities);
  const before = tf.memory().numTensors;
  const read = tf.Tensor.prototype.data;
  let reads = 0;
  const spy = vi.spyOn(tf.Tensor.prototype, 'data').mockImplementation(function (this: tf.Tensor) {
    return ++reads === failing ? Promise.reject(new Error('lost')) : read.call(this);
  });
  try {
    const request = requestOf({ latent, knownMask: [1, 1, 0, 0], numResamples: 2 });
    await expect(plainDocuments(model, noParams, [request])).rejects.toThrow('lost');
  } finally {
    spy.mockRestore();
  }
  expect(tf.memory().numTensors).toBe(before);
});

it.each<[Partial<KnownLatent>, string]>([
  [
    { latent: { shape: [5], data: new Float32Array(5) } },
    "generate: known: the latent has the shape 5, expected one of 'strip': 4, 6",
  ],
  [{ latent: { shape: [4], data: new Float32Array(3) } }, 'the latent has 3 elements, expected 4 for 4'],
  [
    { latent: { shape: [4], data: Float32Array.of(1, 2, NaN, 4) } },
    'generate: the known latent has NaN at 2, expected finite numbers',
  ],
  [{ latent: { shape: [4], data: Float32Array.of(1, 2, 3, -Infinity) } }, 'has -Infinity at 3'],
  [
    { knownMask: [1, 1] },
    'generate: knownMask has 2 values, expected 4: one for each element of the known latent',
  ],
  [{ knownMask: [0, 1, 0.5, 1] }, 'generate: knownMask has 0.5 at 2, expected 1 (known) or 0 (to generate)'],
  [{ knownMask: Uint8Array.of(0, 0, 0, 255) }, 'knownMask has 255 at 3'],
  [{ knownMask: [0, NaN, 0, 0] }, 'knownMask has NaN at 1'],
  [{ numResamples: 0 }, 'generate: numResamples is 0, expected an integer from 1 to 1000'],
  [{ numResamples: 1.5 }, 'numResamples is 1.5'],
  [{ numResamples: 1001 }, 'numResamples is 1001'],
])('refuses %j before anything is generated', async (changes, message) => {
  const model = scriptedModel(() => expect.unreachable());
  const request = requestOf({ latent, knownMask: [1, 1, 0, 0], ...changes });
  await expect(plainDocuments(model, noParams, [request])).rejects.toThrow(message);
});

it('refuses a known latent whose shape differs from latentShape', async () => {
  const request = requestOf({ latent, knownMask: [1, 1, 0, 0] });
  const firstSpan = { ...request.firstSpan!, latentShape: [6] };
  await expect(
    plainDocuments(
      scriptedModel(() => expect.unreachable()),
      noParams,
      [{ ...request, firstSpan }],
    ),
  ).rejects.toThrow('generate: the known latent has the shape 4, expected 6, the latentShape');
});
