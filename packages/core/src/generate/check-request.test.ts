/** Refusals: unknown fields, tokens, documents; `plain-generate.test.ts` has the others. */
import { TransfusionError } from '@transfusion/errors';
import { createModalityRegistry, type DiscreteModality } from '@transfusion/modality';
import { ddim, dpmSolverPlusPlus } from '@transfusion/diffusion';
import { expect, it } from 'vitest';
import { strip, text } from '../testing-internals/toy-documents.js';
import { letters, strips, toyModel } from '../testing-internals/toy-modalities.js';
import { checkRequest } from './check-request.js';
import { schedulerSampler } from './scheduler-sampler.js';
import type { GenerationRequest } from './request.js';

const model = toyModel();
const request: GenerationRequest = { prompt: [text('ab')], seed: 1 };

it('accepts all options together', () => {
  const all: Required<GenerationRequest> = {
    prompt: [text('ab'), strip([1, 2, 3, 4])],
    seed: 1,
    firstSpan: {
      modality: 'strip',
      latentShape: [4],
      known: {
        latent: { shape: [4], data: new Float32Array(4) },
        knownMask: [1, 0, 0, 1],
        numResamples: 2,
      },
    },
    minTokens: 1,
    maxTokens: 3,
    maxSpans: 2,
    modalities: ['text'],
    stop: ['ab', 'c'],
    tokenSampling: {
      temperature: 0.5,
      topK: 3,
      topP: 0.5,
      minP: 0.1,
      repetitionPenalty: 1.2,
      logitBias: [
        { modality: 'text', id: 5, bias: -Infinity },
        { modality: 'text', id: 0, bias: 1 },
      ],
    },
    spanSampling: {
      numInferenceSteps: 4,
      guidanceScale: 2,
      spanGuidanceScale: 1.5,
      guidanceInterval: [-100, 300],
      negativePrompt: [text('c'), strip([1, 2, 3, 4])],
      scheduler: 'flow-heun',
    },
  };
  expect(() => checkRequest(model, all, schedulerSampler)).not.toThrow();
});

it.each<[unknown, string]>([
  [
    { tokenModality: 'text' },
    "generate: the request: found the unknown field 'tokenModality', expected prompt, ",
  ],
  [{ modalites: ['text'] }, "Did you mean 'modalities'?"],
  [{ temperature: 1 }, "the request: found the unknown field 'temperature'"],
  [{ tokenSampling: { topk: 3 } }, "generate: tokenSampling: found the unknown field 'topk'"],
  [{ tokenSampling: { topk: 3 } }, "Did you mean 'topK'?"],
  [{ tokenSampling: 0.5 }, 'generate: tokenSampling: found a number, expected an object.'],
  [{ spanSampling: { guidance: 3 } }, "generate: spanSampling: found the unknown field 'guidance'"],
  [{ spanSampling: { guidancescale: 3 } }, "Did you mean 'guidanceScale'?"],
  [{ firstSpan: { modality: 'strip', shape: [4] } }, "generate: firstSpan: found the unknown field 'shape'"],
  [
    { firstSpan: { modality: 'strip', known: { latent: strip([1, 2, 3, 4]), mask: [] } } },
    "generate: firstSpan.known: found the unknown field 'mask'",
  ],
  [
    { tokenSampling: { logitBias: [{ modality: 'text', token: 1, bias: 1 }] } },
    "generate: logitBias[0]: found the unknown field 'token'",
  ],
])('names the unknown field of %j', (changes, message) => {
  expect(() => checkRequest(model, { ...request, ...(changes as object) }, schedulerSampler)).toThrow(
    message,
  );
});

it('refuses a request that is no object', () => {
  expect(() => checkRequest(model, 'a cat' as never, schedulerSampler)).toThrow(
    'generate: the request: found a string',
  );
});

const bias = (changes: object): Partial<GenerationRequest> => {
  const one = { modality: 'text', id: 2, bias: 1, ...changes };
  return { tokenSampling: { logitBias: [{ modality: 'text', id: 0, bias: 0 }, one] } };
};

it.each<[Partial<GenerationRequest>, string]>([
  [{ tokenSampling: { logitBias: {} as never } }, 'generate: logitBias is object, expected an array.'],
  [bias({ modality: 'image' }), "unknown modality 'image'"],
  [
    bias({ modality: 'strip' }),
    "generate: logitBias[1].modality is 'strip', which is continuous, expected a discrete modality.",
  ],
  [bias({ id: 6 }), "generate: logitBias[1].id is 6, expected an id of 'text': 0 to 5."],
  [bias({ id: -1 }), 'logitBias[1].id is -1'],
  [bias({ id: 0.5 }), 'logitBias[1].id is 0.5'],
  [
    bias({ bias: Infinity }),
    'generate: logitBias[1].bias is Infinity, expected a number that float32 holds, or -Infinity to forbid the token.',
  ],
  [bias({ bias: NaN }), 'logitBias[1].bias is NaN'],
  [bias({ bias: 1e39 }), 'logitBias[1].bias is 1e+39'],
  [{ stop: 'ab' as never }, 'generate: stop is string, expected an array.'],
  [{ stop: ['a', ''] }, 'generate: stop[1] is "", expected a string that is not empty.'],
  [{ stop: [3 as never] }, 'generate: stop[0] is 3, expected a string'],
  [{ prompt: 'a cat' as never }, 'generate: prompt is string, expected an array.'],
  [{ prompt: [strip([1, 2])] }, 'generate: prompt: segment 0: the latent has the shape 2, expected'],
  [
    { spanSampling: { negativePrompt: [text('a'), strip([1, 2])] } },
    'generate: negativePrompt: segment 1: the latent has the shape 2, expected',
  ],
  [
    { spanSampling: { negativePrompt: [{ modality: 'text', ids: Int32Array.of(9) }] } },
    "generate: negativePrompt: segment 0: the id 9 is out of range for 'text', expected 0 to 5.",
  ],
  [{ spanSampling: { negativePrompt: 'ugly' as never } }, 'generate: negativePrompt is string, expected'],
  [
    { spanSampling: { guidanceInterval: [0, Infinity] } },
    'generate: guidanceInterval is 0,Infinity, expected two finite numbers: [from, to].',
  ],
  [{ spanSampling: { guidanceInterval: [0] as never } }, 'guidanceInterval is 0, expected two'],
  [{ spanSampling: { guidanceInterval: 500 as never } }, 'guidanceInterval is 500, expected two'],
  [
    { spanSampling: { guidanceInterval: [600, 400] } },
    'generate: guidanceInterval is from 600 to 400, expected from <= to.',
  ],
  [
    { spanSampling: { guidanceInterval: [1001, 2000] } },
    'generate: guidanceInterval is from 1001 to 2000, expected some timesteps from 0 to 1000. Set guidanceScale',
  ],
  [{ spanSampling: { guidanceInterval: [-5, -1] } }, 'guidanceInterval is from -5 to -1'],
  [
    { spanSampling: { scheduler: 'ddim' } },
    "generate: 'strip': the scheduler is 'ddim', expected one that fits the noise that the model was trained with " +
      '(rectified-flow, flow): flow-euler, flow-heun.',
  ],
])('refuses %j', (changes, message) => {
  const check = (): void => checkRequest(model, { ...request, ...changes }, schedulerSampler);
  expect(check).toThrow(TransfusionError);
  expect(check).toThrow(message);
});

it('stop strings need a modality of strings among the tokens', () => {
  const codes: DiscreteModality<'codes', number> = {
    ...letters('codes'),
    accepts: (value): value is number => typeof value === 'number',
    encode: () => new Int32Array(),
    decode: () => 0,
  };
  const modalities = createModalityRegistry(letters('text'), codes);
  const both = toyModel({}, { modalities });
  expect(() => checkRequest(both, { ...request, stop: ['a'] }, schedulerSampler)).not.toThrow();
  const only = { ...request, stop: ['a'], modalities: ['codes'] };
  expect(() => checkRequest(both, only, schedulerSampler)).toThrow(
    "generate: stop is set, but no modality of the generated tokens ('codes') has values that are strings. Omit it.",
  );
  expect(() => checkRequest(both, { ...only, stop: [] }, schedulerSampler)).not.toThrow();
});

it('a name of a sampler is about the modality that may be generated', () => {
  const modalities = createModalityRegistry(
    letters('text'),
    strips('strip', dpmSolverPlusPlus()),
    strips('wave'),
  );
  const mixed = toyModel({}, { modalities });
  const spanSampling = { scheduler: 'ddim' };
  const first = { ...request, firstSpan: { modality: 'strip' }, spanSampling };
  expect(() => checkRequest(mixed, first, schedulerSampler)).not.toThrow();
  expect(() =>
    checkRequest(mixed, { ...first, spanSampling: { scheduler: ddim() } }, schedulerSampler),
  ).not.toThrow();
  expect(() => checkRequest(mixed, { ...request, spanSampling }, schedulerSampler)).toThrow(
    "generate: 'wave': the scheduler is",
  );
  expect(() =>
    checkRequest(mixed, { ...request, maxSpans: 0, spanSampling }, schedulerSampler),
  ).not.toThrow();
});
