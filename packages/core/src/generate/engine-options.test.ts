/** The engine against the plain loop: the options of requests, with a model that computes. */
import * as tf from '@transfusion/tfjs';
import { disposeParams } from '@transfusion/nn';
import { expect, it } from 'vitest';
import { expectClose } from '../testing-internals/expect-close.js';
import { strip, text, warmParams } from '../testing-internals/toy-documents.js';
import { toyModel } from '../testing-internals/toy-modalities.js';
import type { RequestEvent } from './decisions.js';
import { createEngine } from './engine/engine.js';
import { generatePlain } from './plain-generate.js';
import type { GenerationRequest } from './request.js';

const only = { maxSpans: 0, maxTokens: 12, minTokens: 12, modalities: ['text'] };
const span = { firstSpan: { modality: 'strip', latentShape: [4] }, maxTokens: 0 };

const requests: GenerationRequest[] = [
  { prompt: [text('ab')], seed: 1, ...only, tokenSampling: { repetitionPenalty: 4, minP: 0.2 } },
  {
    prompt: [text('ab')],
    seed: 2,
    ...only,
    tokenSampling: { logitBias: [2, 3, 4].map((id) => ({ modality: 'text', id, bias: -Infinity })) },
  },
  { prompt: [], seed: 3, ...only, minTokens: 0, maxTokens: 60, stop: ['f', 'ab'] },
  {
    prompt: [text('ab')],
    seed: 4,
    ...span,
    spanSampling: { numInferenceSteps: 3, negativePrompt: [text('ff')], scheduler: 'flow-heun' },
  },
  {
    prompt: [strip([4, 3, 2, 1]), text('ab')],
    seed: 5,
    ...span,
    spanSampling: {
      numInferenceSteps: 3,
      guidanceScale: 2,
      spanGuidanceScale: 1.5,
      guidanceInterval: [300, 700],
      negativePrompt: [strip([9, 9, 9, 9])],
    },
  },
];

it('generates the same with every option', async () => {
  await tf.setBackend('cpu');
  const model = toyModel();
  const params = warmParams(model);
  const engine = createEngine(model, params);
  const plain = requests.map((): RequestEvent[] => []);
  for await (const { request, ...event } of generatePlain(model, params, requests))
    plain[request].push(event);
  for (const [i, request] of requests.entries()) {
    const found: RequestEvent[] = [];
    for await (const event of engine.submit(request)) found.push(event);
    expect(found.map(({ type }) => type)).toEqual(plain[i].map(({ type }) => type));
    found.forEach((event, k) => {
      const expected = plain[i][k];
      if (event.type === 'token' || event.type === 'end') expect(event).toEqual(expected);
      if (event.type === 'span-end' && expected.type === 'span-end') {
        expectClose(event.latent, expected.latent, { absolute: 1e-4, relative: 1e-4 });
      }
    });
  }
  expect(plain[2].at(-1)).toEqual({ type: 'end', reason: 'stop' });
  const letters = plain[1].flatMap((event) => (event.type === 'token' ? [event.id] : []));
  expect(letters.some((id) => [2, 3, 4].includes(id))).toBe(false);
  expect(letters).toHaveLength(12);
  // Heun's second call of each step but the last.
  expect(plain[3].filter(({ type }) => type === 'denoise-step')).toHaveLength(5);
  engine.dispose();
  disposeParams(params);
});
