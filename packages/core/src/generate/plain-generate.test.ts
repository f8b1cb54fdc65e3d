/** The loop, with a model whose answers are written down. */
import * as tf from '@transfusion/tfjs';
import { ddpm, dpmSolverPlusPlus, flowEuler, flowHeun } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { eventsOf, inWords, quick } from '../testing-internals/plain-events.js';
import { noParams, scriptedModel, type ShownSequence } from '../testing-internals/scripted-model.js';
import { expectClose } from '../testing-internals/expect-close.js';
import { strip, text, toyVocabulary } from '../testing-internals/toy-documents.js';
import { letters, strips } from '../testing-internals/toy-modalities.js';
import type { Transfusion } from '../model/transfusion.js';
import { generatePlain } from './plain-generate.js';
import { plainDocuments } from '../testing-internals/plain-documents.js';
import type { GenerationEvent, GenerationRequest } from './request.js';

beforeAll(() => tf.setBackend('cpu'));

const { eos, bos, size: V } = toyVocabulary;
const begin = toyVocabulary.beginOf('strip', [4]);
const beginWave = toyVocabulary.beginOf('wave', [6]);
const end = toyVocabulary.endOf('strip');

/** Returns a model that generates these tokens in order, and predicts zeros at every denoising step. */
function saying(...ids: number[]): Transfusion {
  return scriptedModel(({ ids: shown }) => {
    const isMarker = (id: number): boolean => id === bos || id === end || id === toyVocabulary.endOf('wave');
    const said = shown.filter((id) => id < V && !isMarker(id)).length;
    return { nextId: ids[said] ?? eos };
  });
}

const asked = { modality: 'strip', latentShape: [4] };
const oneSpan = ['span-start strip 4', 'step 1/2', 'step 2/2', 'span-end strip 4'];

describe('the loop', () => {
  it('writes tokens until the model ends the document', async () => {
    const events = await eventsOf(saying(2, 0), { ...quick, maxSpans: 0 });
    expect(inWords(events)).toEqual(['token 2', 'token 0', 'end eos']);
    expect(events[0]).toEqual({ request: 0, type: 'token', modality: 'text', id: 2 });
  });

  it('does not end before minTokens: the next likely token is taken instead', async () => {
    const words = inWords(await eventsOf(saying(2), { ...quick, minTokens: 3, maxSpans: 0 }));
    expect(words).toHaveLength(4);
    expect(words[0]).toBe('token 2');
    expect(words.slice(1, 3).every((word) => word.startsWith('token'))).toBe(true);
    expect(words[3]).toBe('end eos');
  });

  it('ends after maxTokens', async () => {
    const words = inWords(await eventsOf(saying(1, 1, 1, 1), { ...quick, maxTokens: 2 }));
    expect(words).toEqual(['token 1', 'token 1', 'end max-tokens']);
  });

  it('starts with firstSpan and continues with tokens', async () => {
    const request = { ...quick, firstSpan: asked };
    expect(inWords(await eventsOf(saying(begin, 3), request))).toEqual([...oneSpan, 'token 3', 'end eos']);
    const wide = { ...quick, firstSpan: { modality: 'wave', latentShape: [6] } };
    expect(inWords(await eventsOf(saying(beginWave), wide))[0]).toBe('span-start wave 6');
  });

  it('lets the model choose only the shape of firstSpan', async () => {
    const request = { ...quick, firstSpan: { modality: 'strip' } };
    const wide = toyVocabulary.beginOf('strip', [6]);
    const chosen = ['span-start strip 6', 'step 1/2', 'step 2/2', 'span-end strip 6'];
    const only = { ...request, maxTokens: 0 };
    expect(inWords(await eventsOf(saying(wide), only))).toEqual([...chosen, 'end max-spans']);
    expect(inWords(await eventsOf(saying(wide, 3), request))).toEqual([...chosen, 'token 3', 'end eos']);
    // The model prefers ids that are not begin markers of a strip.
    for (const id of [3, eos, beginWave]) {
      expect(inWords(await eventsOf(saying(id), only))[0]).toMatch(/^span-start strip/);
    }
  });

  it('does not ask the model if there is only one shape', async () => {
    const single = createModalityRegistry(letters('text'), { ...strips('strip'), latentShapes: [[6]] });
    const shown: ShownSequence[] = [];
    const model = scriptedModel((sequence) => {
      shown.push(sequence);
      return { spanOutput: [0, 0, 0, 0, 0, 0] };
    }, single);
    await eventsOf(model, { ...quick, firstSpan: { modality: 'strip' }, maxTokens: 0 });
    expect(shown.map(({ spans }) => spans.length)).toEqual([1, 1]);
  });

  it('opens the spans that the model chooses, between tokens', async () => {
    const words = inWords(await eventsOf(saying(4, begin, 5, begin, 1), { ...quick, maxSpans: 2 }));
    expect(words).toEqual(['token 4', ...oneSpan, 'token 5', ...oneSpan, 'token 1', 'end eos']);
  });

  it('opens no more than maxSpans: the next likely token is taken instead', async () => {
    // The script would begin a second span; what is left is equally unlikely, so the first id comes.
    const words = inWords(await eventsOf(saying(begin, begin), { ...quick, maxSpans: 1, maxTokens: 1 }));
    expect(words).toEqual([...oneSpan, 'token 0', 'end max-tokens']);
  });

  it('generates spans only with maxTokens 0', async () => {
    const only = { ...quick, firstSpan: asked, maxTokens: 0 };
    expect(inWords(await eventsOf(saying(begin), only))).toEqual([...oneSpan, 'end max-spans']);
    const two = inWords(await eventsOf(saying(begin, begin), { ...only, maxSpans: 2 }));
    expect(two).toEqual([...oneSpan, ...oneSpan, 'end max-spans']);
    const ended = inWords(await eventsOf(saying(begin, eos), { ...only, maxSpans: 3 }));
    expect(ended).toEqual([...oneSpan, 'end eos']);
  });

  it('never samples markers that only the loop may append', async () => {
    const words = inWords(await eventsOf(saying(bos, end), { ...quick, maxTokens: 1, maxSpans: 0 }));
    expect(words).toEqual(['token 0', 'end max-tokens']);
  });

  it('does not sample vocabulary entries that the model does not support', async () => {
    const small = createModalityRegistry(strips('strip'), letters('text'));
    const model = { ...saying(toyVocabulary.beginOf('wave', [4])), modalities: small };
    const words = inWords(await eventsOf(model, { ...quick, maxTokens: 1 }));
    expect(words).toEqual(['token 0', 'end max-tokens']);
  });

  it('tells requests apart, which end when they end', async () => {
    const model = saying(2, 1, 3, eos);
    const events = await eventsOf(model, { ...quick, maxTokens: 1 }, quick, {
      ...quick,
      prompt: [text('a')],
    });
    const of = (request: number) => inWords(events.filter((event) => event.request === request));
    expect(of(0)).toEqual(['token 2', 'end max-tokens']);
    expect(of(1)).toEqual(['token 2', 'token 1', 'token 3', 'end eos']);
    // The script counts the prompt's token too.
    expect(of(2)).toEqual(['token 1', 'token 3', 'end eos']);
  });

  it('joins what was generated into segments', async () => {
    const request = { ...quick, prompt: [text('c')], maxSpans: 2 };
    const [document] = await plainDocuments(saying(-1, 4, 4, begin, 5), noParams, [request]);
    expect(document.map((segment) => ('ids' in segment ? [...segment.ids] : segment.latent.shape))).toEqual([
      [4, 4],
      [4],
      [5],
    ]);
    expect(await plainDocuments(saying(), noParams, [quick])).toEqual([[]]);
    expect(await plainDocuments(saying(), noParams, [])).toEqual([]);
  });
});

describe('what the model is shown', () => {
  it('the noise at each timestep, then the clean latents at 0', async () => {
    const shown: ShownSequence[] = [];
    const model = scriptedModel((sequence) => {
      shown.push(sequence);
      return sequence.ids.includes(end) ? { nextId: eos } : { spanOutput: [1, 2, 3, 4] };
    });
    const prompt = [strip([9, 8, 7, 6, 5, 4], 'wave'), text('b')];
    const request = { ...quick, prompt, firstSpan: asked };
    const events = await eventsOf(model, request);

    expect(shown.map(({ spans }) => spans.map(({ key, timestep }) => [key, timestep]))).toEqual([
      [
        ['wave:6', 0],
        ['strip:4', 1000],
      ],
      [
        ['wave:6', 0],
        ['strip:4', 500],
      ],
      [
        ['wave:6', 0],
        ['strip:4', 0],
      ],
    ]);
    const start = [...createRng(1).fork('span 0').fork('start').normals(4)];
    expectClose(shown[0].spans[1].latents, start, { absolute: 1e-6 });
    // Two Euler steps with the velocity 1 2 3 4 and half the way each.
    const halfway = start.map((value, i) => value - (i + 1) / 2);
    expectClose(shown[1].spans[1].latents, halfway, { absolute: 1e-5 });
    const clean = start.map((value, i) => value - (i + 1));
    expectClose(shown[2].spans[1].latents, clean, { absolute: 1e-5 });
    expect(shown[0].spans[0].latents).toEqual([9, 8, 7, 6, 5, 4]);
    const [spanEnd] = events.filter((event) => event.type === 'span-end');
    expectClose(spanEnd.latent, clean, { absolute: 1e-5 });
    const previews = events.filter((event) => event.type === 'denoise-step');
    for (const { predOriginalSample } of previews) {
      expectClose(predOriginalSample, clean, { absolute: 1e-5 });
    }
  });

  it('guidance: the same span alone, and both outputs combined', async () => {
    const conditional = [1, -2, 3, 0.5];
    const unconditional = [0.5, 1, 2, 1];
    const lengths: number[] = [];
    const model = scriptedModel(({ ids, spans }) => {
      if (spans[0].timestep === 0) return { nextId: eos };
      lengths.push(ids.length);
      const isAlone = ids[1] === begin;
      return { spanOutput: isAlone ? unconditional : conditional };
    });
    const request: GenerationRequest = {
      ...quick,
      prompt: [text('ab')],
      firstSpan: asked,
      spanSampling: { numInferenceSteps: 1, guidanceScale: 2.5 },
      maxTokens: 0,
    };
    const [document] = await plainDocuments(model, noParams, [request]);
    // BOS a b BEGIN and two elements; BOS BEGIN and two elements.
    expect(lengths).toEqual([6, 4]);
    const start = createRng(1).fork('span 0').fork('start').normals(4);
    const guided = conditional.map((value, i) => unconditional[i] + 2.5 * (value - unconditional[i]));
    const expected = guided.map((velocity, i) => start[i] - velocity);
    const [segment] = document;
    expectClose('latent' in segment ? segment.latent.data : [], expected, { absolute: 1e-5 });

    lengths.length = 0;
    await plainDocuments(model, noParams, [
      { ...request, spanSampling: { numInferenceSteps: 1, guidanceScale: 1 } },
    ]);
    expect(lengths).toEqual([6]);
    // Nothing precedes the span, so there is no condition to guide toward.
    lengths.length = 0;
    await plainDocuments(model, noParams, [{ ...request, prompt: [] }]);
    expect(lengths).toEqual([4]);
  });

  it('a sequence longer than any row so far, and more rows than eight', async () => {
    const shown: number[] = [];
    const model = scriptedModel(({ ids }) => {
      shown.push(ids.length);
      return { nextId: ids.length > 101 ? eos : 1 };
    });
    const long = { ...quick, prompt: [text('bcdef'.repeat(20))], maxSpans: 0 };
    expect(inWords(await eventsOf(model, long))).toEqual(['token 1', 'end eos']);
    expect(shown).toEqual([101, 102]);
    shown.length = 0;
    await eventsOf(model, ...Array.from({ length: 11 }, () => ({ ...long, maxTokens: 1 })));
    expect(shown.length).toBe(11);
  });
});

it.each([
  ['a sampler with memory', dpmSolverPlusPlus()],
  ['one of two calls a step', flowHeun()],
  ['a stochastic one', ddpm()],
])('leaves no tensors behind: %s', async (_, scheduler) => {
  const modalities = createModalityRegistry(letters('text'), strips('strip', scheduler));
  const model = scriptedModel(() => ({ spanOutput: [0, 0, 0, 0] }), modalities);
  const request = { ...quick, firstSpan: asked, spanSampling: { numInferenceSteps: 3 }, maxTokens: 0 };
  await plainDocuments(model, noParams, [request]);
  const before = tf.memory().numTensors;
  await plainDocuments(model, noParams, [request, request]);
  expect(tf.memory().numTensors).toBe(before);
  // Nor if the caller stops early.
  let steps = 0;
  for await (const { type } of generatePlain(model, noParams, [request])) {
    if (type === 'denoise-step' && ++steps === 2) break;
  }
  expect(tf.memory().numTensors).toBe(before);
});

it('leaves no tensors behind when the model fails', async () => {
  const model = scriptedModel(() => {
    throw new Error('out of order');
  });
  const before = tf.memory().numTensors;
  await expect(eventsOf(model, quick)).rejects.toThrow('out of order');
  expect(tf.memory().numTensors).toBe(before);
});

// Of two steps, each: the logits, the model's output for the span, the sampler's two results.
it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'leaves no tensors behind when the read number %i fails',
  async (failing) => {
    const modalities = createModalityRegistry(letters('text'), strips('strip', dpmSolverPlusPlus()));
    const model = { ...saying(), modalities };
    const before = tf.memory().numTensors;
    const read = tf.Tensor.prototype.data;
    let reads = 0;
    const spy = vi.spyOn(tf.Tensor.prototype, 'data').mockImplementation(function (this: tf.Tensor) {
      return ++reads === failing ? Promise.reject(new Error('lost')) : read.call(this);
    });
    try {
      await expect(eventsOf(model, { ...quick, firstSpan: asked })).rejects.toThrow('lost');
    } finally {
      spy.mockRestore();
    }
    expect(tf.memory().numTensors).toBe(before);
  },
);

it.each<[Partial<GenerationRequest>, string]>([
  [{ maxTokens: -1 }, 'generate: maxTokens is -1, expected a non-negative integer'],
  [{ maxSpans: 1.5 }, 'generate: maxSpans is 1.5'],
  [{ seed: -1 }, 'the seed is -1'],
  [{ tokenSampling: { topP: 2 } }, 'generate: topP is 2'],
  [{ spanSampling: { guidanceScale: NaN } }, 'generate: guidanceScale is NaN, expected a finite number'],
  [{ spanSampling: { numInferenceSteps: 0 } }, 'numInferenceSteps is 0'],
  [{ firstSpan: { modality: 'image' } }, "unknown modality 'image'"],
  [
    { firstSpan: { modality: 'text' } },
    "generate: firstSpan.modality is 'text', which is discrete, expected a continuous modality",
  ],
  [
    { firstSpan: { modality: 'strip', latentShape: [5] } },
    "firstSpan.latentShape is 5, expected one of those of 'strip': 4, 6",
  ],
  [{ firstSpan: { modality: 'strip' }, maxSpans: 0 }, 'maxSpans is 0, expected at least 1 with firstSpan'],
  [
    { spanSampling: { scheduler: ddpm() } },
    "generate: the scheduler's predictionType is epsilon, expected flow, as 'strip' was trained. Use a sampler",
  ],
  [
    { spanSampling: { scheduler: { ...flowEuler(), process: 'cosine' } } },
    "generate: the scheduler's process is cosine, expected rectified-flow, as 'strip' was trained. Use a sampler",
  ],
  [
    { firstSpan: { modality: 'wave' }, spanSampling: { scheduler: flowEuler({ numTrainTimesteps: 10 }) } },
    "numTrainTimesteps is 10, expected 1000, as 'wave' was trained",
  ],
  [{ modalities: ['image'] }, "unknown modality 'image'"],
  [
    { modalities: ['strip', 'wave'], maxSpans: 0 },
    "generate: maxSpans is 0, expected at least 1 to generate spans of 'strip', 'wave'",
  ],
  [
    { modalities: ['strip'], minTokens: 2 },
    "generate: minTokens is 2, expected 0: modalities has 'strip', none of which is discrete",
  ],
  [{ modalities: [] }, 'generate: modalities is empty, expected at least one.'],
  [{ modalities: 'text' as never }, 'generate: modalities is string, expected an array.'],
  [
    { modalities: ['text'], maxTokens: 0 },
    "generate: maxTokens is 0, expected at least 1 to generate tokens of 'text'",
  ],
  [{ prompt: [strip([1, 2])] }, "the latent has the shape 2, expected one of 'strip': 4, 6"],
])('refuses the request %j before anything is generated', async (changes, message) => {
  const seen: GenerationEvent[] = [];
  const run = async (): Promise<void> => {
    const begun = { ...quick, firstSpan: { modality: 'strip' } };
    for await (const event of generatePlain(saying(), noParams, [begun, { ...quick, ...changes }])) {
      seen.push(event);
    }
  };
  await expect(run()).rejects.toThrow(message);
  expect(seen).toEqual([]);
});
