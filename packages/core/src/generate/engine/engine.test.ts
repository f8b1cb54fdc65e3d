/** The engine against the plain loop, with models that compute. */
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { disposeParams } from '@transfusion/nn';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../testing-internals/expect-close.js';
import { strip, text, warmParams } from '../../testing-internals/toy-documents.js';
import { toyModel } from '../../testing-internals/toy-modalities.js';
import type { RequestEvent } from '../decisions.js';
import { generatePlain } from '../plain-generate.js';
import type { GenerationRequest } from '../request.js';
import { createEngine, type GenerationEngine } from './engine.js';

const spanSampling = { numInferenceSteps: 2, guidanceScale: 2 };
const requests: GenerationRequest[] = [
  {
    prompt: [text('ab')],
    firstSpan: { modality: 'strip' },
    seed: 1,
    maxTokens: 4,
    maxSpans: 2,
    spanSampling,
  },
  { prompt: [], seed: 2, maxTokens: 5, maxSpans: 3, spanSampling, tokenSampling: { topK: 5 } },
  { prompt: [strip([1, 2, 3, 4]), text('c')], seed: 3, maxTokens: 4, maxSpans: 0 },
  { prompt: [text('fe')], firstSpan: { modality: 'wave' }, seed: 6, maxTokens: 0, spanSampling },
  {
    prompt: [strip([4, 3, 2, 1]), text('ab')],
    firstSpan: {
      modality: 'strip',
      known: {
        latent: { shape: [4], data: Float32Array.of(1, 2, 3, 4) },
        knownMask: [1, 0, 0, 1],
        numResamples: 2,
      },
    },
    seed: 5,
    maxTokens: 0,
    spanSampling: { ...spanSampling, spanGuidanceScale: 1.5 },
  },
  {
    prompt: [text('a'.repeat(40))],
    seed: 4,
    maxTokens: 40,
    tokenSampling: { temperature: 0.7, topP: 0.9 },
    spanSampling,
  },
];

async function eventsOf(engine: GenerationEngine, request: GenerationRequest): Promise<RequestEvent[]> {
  const events: RequestEvent[] = [];
  for await (const event of engine.submit(request)) events.push(event);
  return events;
}

describe.each(['onnxruntime', 'cpu'])('on %s', (backend) => {
  it.each(['shared', 'per-modality'] as const)('is the plain loop, with %s weights', async (weights) => {
    await tf.setBackend(backend);
    const model = toyModel({ numKvHeads: 1, weights });
    const params = warmParams(model);
    const engine = createEngine(model, params);
    const found = await Promise.all(requests.map((request) => eventsOf(engine, request)));
    const plain = requests.map((): RequestEvent[] => []);
    for await (const { request, ...event } of generatePlain(model, params, requests))
      plain[request].push(event);
    found.forEach((events, i) => {
      expect(events.map(({ type }) => type)).toEqual(plain[i].map(({ type }) => type));
      events.forEach((event, k) => {
        const expected = plain[i][k];
        if (event.type === 'denoise-step' && expected.type === 'denoise-step') {
          expectClose(event.predOriginalSample, expected.predOriginalSample, {
            absolute: 1e-4,
            relative: 1e-4,
          });
        } else if (event.type === 'span-end' && expected.type === 'span-end') {
          expectClose(event.latent, expected.latent, { absolute: 1e-4, relative: 1e-4 });
        } else expect(event).toEqual(expected);
      });
    });
    expect(engine.stats).toMatchObject({ numRequests: 0, numRows: 0, cacheBytes: 0 });
    engine.dispose();
    disposeParams(params);
  });
});
