/** Documents that are held to some modalities, with a model whose answers are written down. */
import * as tf from '@transfusion/tfjs';
import { createModalityRegistry, createVocabulary } from '@transfusion/modality';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, inWords, quick } from '../testing-internals/plain-events.js';
import { scriptedModel } from '../testing-internals/scripted-model.js';
import { letters, strips } from '../testing-internals/toy-modalities.js';
import type { GenerationRequest } from './request.js';

beforeAll(() => tf.setBackend('cpu'));

const asked = { modality: 'strip', latentShape: [4] };
const oneSpan = ['span-start strip 4', 'step 1/2', 'step 2/2', 'span-end strip 4'];

describe('held to modalities', () => {
  const modalities = createModalityRegistry(
    letters('text'),
    letters('code'),
    strips('strip'),
    strips('wave'),
  );
  const vocabulary = createVocabulary(modalities);
  const { start: code } = vocabulary.tokensOf('code');
  /** Would rather write a text, a strip and the end, and then the codes 0, 1, 2, …. */
  const model = scriptedModel(({ ids }) => {
    const likely = [2, vocabulary.beginOf('strip', [4]), vocabulary.eos];
    return {
      logits: Array.from({ length: vocabulary.size }, (_, id) =>
        likely.includes(id) ? 50 : id === code + ((ids.length - 1) % 6) ? 10 : 0,
      ),
    };
  }, modalities);

  it('writes exactly one value of a fixed number of tokens', async () => {
    const request = { ...quick, modalities: ['code'], minTokens: 4, maxTokens: 4 };
    const events = await eventsOf(model, request);
    expect(inWords(events)).toEqual(['token 0', 'token 1', 'token 2', 'token 3', 'end max-tokens']);
    const tokens = events.filter((event) => event.type === 'token');
    expect(new Set(tokens.map(({ modality }) => modality))).toEqual(new Set(['code']));
  });

  it('the end may follow after minTokens, and a span that was asked for comes before', async () => {
    expect(inWords(await eventsOf(model, { ...quick, modalities: ['code'], minTokens: 2 }))).toEqual([
      'token 0',
      'token 1',
      'end eos',
    ]);
    const begun = { ...quick, firstSpan: asked, modalities: ['code'], maxSpans: 2, minTokens: 1 };
    expect(inWords(await eventsOf(model, begun))).toEqual([...oneSpan, 'token 4', 'end eos']);
  });

  it('of tokens and of spans: those of no other come', async () => {
    const { start: firstText } = vocabulary.tokensOf('text');
    const [strip4, wave6] = [vocabulary.beginOf('strip', [4]), vocabulary.beginOf('wave', [6])];
    /** Would rather write the texts 2 and then the strip, a wave, the code 1, and the end. */
    const eager = scriptedModel(
      () => ({
        logits: Array.from(
          { length: vocabulary.size },
          (_, id) =>
            Math.max(0, 6 - [firstText + 2, strip4, wave6, code + 1, vocabulary.eos].indexOf(id)) % 7,
        ),
      }),
      modalities,
    );
    const wordsOf = async (changes: Partial<GenerationRequest>) =>
      inWords(await eventsOf(eager, { ...quick, maxTokens: 2, ...changes })).filter(
        (word) => !/step|end (strip|wave)/.test(word),
      );
    const waves = ['span-start wave 6', 'span-start wave 6'];
    expect(await wordsOf({})).toEqual(['token 2', 'token 2', 'end max-tokens']);
    const held = { modalities: ['code', 'wave'], maxSpans: 2 };
    expect(await wordsOf(held)).toEqual([...waves, 'token 1', 'token 1', 'end max-tokens']);
    expect(await wordsOf({ ...held, maxSpans: 0 })).toEqual(['token 1', 'token 1', 'end max-tokens']);
    expect(await wordsOf({ ...held, maxTokens: 0 })).toEqual([...waves, 'end max-spans']);
    // Without tokens only the end may follow the last span.
    expect(await wordsOf({ modalities: ['wave'], maxSpans: 2 })).toEqual([...waves, 'end eos']);
    expect(await wordsOf({ modalities: ['wave', 'strip'], maxSpans: 1 })).toEqual([
      'span-start strip 4',
      'end eos',
    ]);
    expect(await wordsOf({ modalities: ['code', 'text'] })).toEqual(['token 2', 'token 2', 'end max-tokens']);
  });
});
