/** Stop strings with letters, of which each is a token; `@transfusion/pipelines` tests them with bytes. */
import * as tf from '@transfusion/tfjs';
import {
  createModalityRegistry,
  createVocabulary,
  type DiscreteModality,
  type ModalityRegistry,
} from '@transfusion/modality';
import { beforeAll, expect, it } from 'vitest';
import { noParams, scriptedModel } from '../testing-internals/scripted-model.js';
import { text, toyVocabulary } from '../testing-internals/toy-documents.js';
import { letters, strips, toyRegistry } from '../testing-internals/toy-modalities.js';
import { generatePlain } from './plain-generate.js';
import type { GenerationRequest } from './request.js';
import { findStop } from './stop-strings.js';

beforeAll(() => tf.setBackend('cpu'));

/** A number written in unary: no string. */
const tally: DiscreteModality<'tally', number> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'tally',
  vocabSize: 2,
  accepts: (value): value is number => typeof value === 'number',
  encode: (count) => new Int32Array(count),
  decode: (ids) => ids.length,
};

/** Returns `abc (stop)`: what the plain loop generates with a model that has these tokens in mind. */
async function written(
  ids: readonly number[],
  request: Partial<GenerationRequest>,
  modalities: ModalityRegistry = toyRegistry,
): Promise<string> {
  const markers = createVocabulary(modalities);
  let said = 0;
  const model = scriptedModel(({ spans }) => {
    if (spans.at(-1)?.timestep) return { spanOutput: [0, 0, 0, 0] };
    return { nextId: ids[said++] ?? markers.eos };
  }, modalities);
  const requests = [
    {
      prompt: [],
      seed: 1,
      tokenSampling: { temperature: 0 },
      spanSampling: { numInferenceSteps: 1 },
      ...request,
    },
  ];
  let found = '';
  for await (const event of generatePlain(model, noParams, requests)) {
    if (event.type === 'token') found += 'abcdef'[event.id];
    if (event.type === 'span-start') found += '[]';
    if (event.type === 'end') found += ` (${event.reason})`;
  }
  return found;
}

const ids = (value: string): number[] => [...toyRegistry.get('text').encode(value)];
const begin = toyVocabulary.beginOf('strip', [4]);

it.each<[string, Partial<GenerationRequest>, string]>([
  ['abcdef', { stop: ['d'] }, 'abcd (stop)'],
  ['abcdef', { stop: ['cde', 'f'] }, 'abcde (stop)'],
  ['abcdef', { stop: ['ba', 'ff'] }, 'abcdef (eos)'],
  ['abcdef', { stop: [] }, 'abcdef (eos)'],
  // Before the maximum number of tokens, at it, and beyond it.
  ['abcdef', { stop: ['bc'], maxTokens: 4 }, 'abc (stop)'],
  ['abcdef', { stop: ['bc'], maxTokens: 3 }, 'abc (stop)'],
  ['abcdef', { stop: ['bc'], maxTokens: 2 }, 'ab (max-tokens)'],
  // Not before minTokens; a later occurrence counts.
  ['abcabcab', { stop: ['c'], minTokens: 3 }, 'abc (stop)'],
  ['f'.repeat(60) + 'a', { stop: ['f'], minTokens: 40 }, 'f'.repeat(40) + ' (stop)'],
  ['abcab', { stop: ['b'], minTokens: 3 }, 'abcab (stop)'],
  // The prompt's text does not count, nor does what begins in it.
  ['bcdb', { stop: ['a', 'ab', 'db'], prompt: [text('aaa')] }, 'bcdb (stop)'],
  // A long one is found whole.
  ['abcdef'.repeat(10), { stop: ['abcdef'.repeat(9)] }, 'abcdef'.repeat(9) + ' (stop)'],
])('%s with %j is %s', async (script, request, expected) => {
  expect(await written(ids(script), { maxSpans: 0, ...request })).toBe(expected);
});

it('a span interrupts the text', async () => {
  const script = [...ids('ab'), begin, ...ids('cabc')];
  expect(await written(script, { stop: ['bca'] })).toBe('ab[]cabc (eos)');
  expect(await written(script, { stop: ['abc'] })).toBe('ab[]cabc (stop)');
});

it('each modality has its own text; those without strings have none', async () => {
  const modalities = createModalityRegistry(letters('text'), letters('code'), tally, strips('strip'));
  const vocabulary = createVocabulary(modalities);
  const code = vocabulary.tokensOf('code').start;
  const mark = vocabulary.tokensOf('tally').start;
  expect(await written([0, code + 1, mark, 0, 1], { stop: ['ab'] }, modalities)).toBe('abaab (stop)');
  expect(await written([code, code + 1, 0], { stop: ['ab'] }, modalities)).toBe('ab (stop)');
});

it('decodes a tail alone', async () => {
  const lengths: number[] = [];
  const counted = letters('text');
  const modalities = createModalityRegistry(
    { ...counted, decode: (some: Int32Array) => (lengths.push(some.length), counted.decode(some)) },
    strips('strip'),
  );
  await written(ids('a'.repeat(100)), { stop: ['bcd'], maxSpans: 0 }, modalities);
  expect(lengths).toHaveLength(100);
  expect(lengths.slice(0, 3)).toEqual([1, 2, 3]);
  expect(Math.max(...lengths)).toBe(19);
});

it.each<[string, string, string[], number]>([
  ['abcd', 'ab', ['c', 'bc'], 1],
  ['abcd', 'abc', ['c'], -1],
  ['abab', 'aba', ['ab', 'b'], 2],
  ['abcd', '', ['zz', 'abcde'], -1],
])('findStop in %j, of which %j was there before, for %j', (whole, before, stop, expected) => {
  expect(findStop(whole, before, stop)).toBe(expected);
});
