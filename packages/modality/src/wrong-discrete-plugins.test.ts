/** For each law of the discrete suite a plug-in that breaks it: modality, function, found and expected are named. */
import { describe, expect, it } from 'vitest';
import type { DiscreteModality } from './modality.js';
import { discreteModalityChecks } from './testing.js';
import { runChecks } from './testing-internals/strip-checks.js';
import { letters, lettersFactory } from './testing-internals/toy-modalities.js';
import {
  expectFailure,
  fails,
  laws,
  lawsOfFactories,
  type WrongPlugin,
} from './testing-internals/wrong-plugin.js';

type Letters = DiscreteModality<string, string>;

const text = letters('text');
const words = ['', 'a', 'zebra'];
const examples = { values: words, factory: lettersFactory };
let calls = 0;

const IDS = 'ids are an Int32Array of integers from 0 to vocabSize - 1, tokensPerValue of them';
const INVERSE = 'decode inverts encode';
const PREFIXES = 'every prefix of an encoded value can be decoded';

const discrete: WrongPlugin<Partial<Letters>>[] = [
  [
    'a field',
    { vocabSize: 0 },
    laws.fields,
    "modality 'text': vocabSize is 0, expected a positive integer. Set it to the number of ids that encode() returns.",
  ],
  [
    'what it accepts',
    { accepts: (value): value is string => value !== undefined },
    laws.accepts,
    "modality 'text': accepts() returned true for null, expected false",
  ],
  [
    'what it refuses',
    { accepts: (value): value is string => typeof value === 'string' && value !== 'a' },
    laws.accepts,
    "modality 'text': accepts() returned false for the example 1, expected true",
    2,
  ],
  [
    'an id',
    { encode: (value) => Int32Array.from(value, (letter) => letter.charCodeAt(0) - 96) },
    IDS,
    "example 2: encode() of modality 'text' returned the id 26, expected ids from 0 to 25 (vocabSize - 1). Correct " +
      'encode(), or vocabSize.',
    3,
  ],
  [
    'the number of ids',
    { tokensPerValue: 5 },
    IDS,
    "example 0: encode() of modality 'text' returned 0 ids, expected 5 (tokensPerValue). Correct encode(), or leave " +
      'tokensPerValue out.',
    3,
  ],
  [
    'the type of ids',
    { encode: (value) => [...text.encode(value)] as unknown as Int32Array },
    IDS,
    "example 0: encode() of modality 'text' returned an instance of Array, expected an Int32Array of ids. Return " +
      'Int32Array.from(ids).',
    3,
  ],
  [
    'that encode throws',
    { encode: fails('no tokenizer') },
    IDS,
    "example 0: encode() of modality 'text' threw 'Error: no tokenizer', expected a result. Its stack is in the error's " +
      'cause.',
    3,
  ],
  [
    'what it decodes',
    { decode: () => 'b' },
    INVERSE,
    'modality \'text\': decode() returned "b" for the ids of the example 0, expected ""',
  ],
  [
    'that decode returns nothing',
    { decode: () => undefined as unknown as string },
    INVERSE,
    "example 0: decode() of modality 'text' returned undefined, expected a value. Return one for all that can be " +
      'generated.',
    1,
  ],
  [
    'that encode remembers',
    {
      encode: (value) => Int32Array.of(...text.encode(value), calls++ % 26),
      decode: (ids) => text.decode(ids.slice(0, -1)),
    },
    'encode is deterministic',
    "modality 'text': encode() of the example 0 returned [10] the second time, expected [9] as the first time",
  ],
  [
    'that a prefix cannot be decoded',
    { decode: (ids) => (ids.length === 3 ? fails('half a word')() : text.decode(ids)) },
    PREFIXES,
    "the first 3 ids of the example 2: decode() of modality 'text' threw 'Error: half a word', expected a result. Its " +
      "stack is in the error's cause.",
  ],
  [
    'what a prefix decodes to',
    { decode: (ids) => (ids.length === 3 ? 'ABC' : text.decode(ids)) },
    PREFIXES,
    'modality \'text\': decode() returned "ABC" for the first 3 ids of the example 2, expected a value that accepts() ' +
      'accepts',
  ],
  [
    'a file',
    { media: { ...text.media, encode: async () => new Uint8Array([97]) } },
    laws.files,
    'modality \'text\': media.decode() returned "a" for the file of the example 0, expected ""',
  ],
  [
    'the type of the config',
    { config: { type: 'word' } },
    laws.config,
    "modality 'text': config.type is 'word', expected 'letters', the type of the factory",
    1,
  ],
  [
    'the vocabulary of the rebuilt modality',
    { vocabSize: 27 },
    laws.rebuilt,
    "modality 'text': create() returned a modality with vocabSize 26, expected 27",
  ],
];

describe('a discrete modality is wrong in', () => {
  it.each<WrongPlugin<Partial<Letters>>>(discrete)('%s', async (...[, changes, law, message, others]) => {
    calls = 3;
    const found = await runChecks(
      discreteModalityChecks(
        { ...text, ...changes },
        lawsOfFactories.includes(law) ? examples : { values: words },
      ),
    );
    expectFailure(found, `text: ${law}`, message, others);
  });

  it('each of its laws', () => {
    const broken = new Set(discrete.map(([, , law]) => `text: ${law}`));
    const names = discreteModalityChecks(text, examples).map(({ name }) => name);
    expect(names.filter((name) => !broken.has(name))).toEqual([]);
  });
});
