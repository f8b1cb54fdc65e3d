import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Modality } from './modality.js';
import { createModalityRegistry } from './registry.js';
import { letters, strips } from './testing-internals/toy-modalities.js';
import { createVocabulary, type Vocabulary, type VocabularyEntry } from './vocabulary.js';

const registry = createModalityRegistry(letters('text'), strips('strip'));

it('lays out consecutive ranges', () => {
  const vocabulary = createVocabulary(registry);
  expect(vocabulary.tokensOf('text')).toEqual({ start: 0, size: 26 });
  expect(vocabulary.bos).toBe(26);
  expect(vocabulary.eos).toBe(27);
  expect(vocabulary.beginOf('strip', [4])).toBe(28);
  expect(vocabulary.beginOf('strip', [6])).toBe(29);
  expect(vocabulary.endOf('strip')).toBe(30);
  expect(vocabulary.size).toBe(31);
});

it('returns the meaning of an id', () => {
  const vocabulary = createVocabulary(registry);
  expect(vocabulary.at(25)).toEqual({
    entry: { kind: 'tokens', modality: 'text', size: 26 },
    offset: 25,
  });
  expect(vocabulary.at(29).entry).toEqual({ kind: 'begin', modality: 'strip', latentShape: [6], size: 1 });
  let id = 0;
  for (const entry of vocabulary.entries) {
    for (let offset = 0; offset < entry.size; offset++) {
      expect(vocabulary.at(id++)).toEqual({ entry, offset });
    }
  }
  expect(id).toBe(vocabulary.size);
  for (const wrong of [-1, 31, 1.5, NaN]) {
    expect(() => vocabulary.at(wrong)).toThrow(`the id is ${wrong}, expected 0 to 30`);
  }
});

it('names the known entries for an unknown one', () => {
  const vocabulary = createVocabulary(registry);
  expect(() => vocabulary.tokensOf('strip')).toThrow(
    /unknown entry 'strip:tokens', expected one of 'text:tokens', 'bos'/,
  );
  expect(() => vocabulary.beginOf('strip', [5])).toThrow(/unknown entry 'strip:begin:5'.*'strip:begin:4'/);
  expect(() => vocabulary.endOf('image')).toThrow(/unknown entry 'image:end'/);
});

it('refuses a tokenizer of a different size', () => {
  const { entries } = createVocabulary(registry);
  const other = createModalityRegistry(letters('text', 27), strips('strip'));
  expect(() => createVocabulary(other, entries)).toThrow(
    "'text:tokens' has 27 ids, expected 26 as in the earlier vocabulary. Load the tokenizer",
  );
});

/** Every meaning that has an id, by name. */
function meanings(vocabulary: Vocabulary): Map<string, number> {
  const ids = new Map<string, number>();
  for (let id = 0; id < vocabulary.size; id++) {
    const { entry, offset } = vocabulary.at(id);
    ids.set(JSON.stringify([entry, offset]), id);
  }
  return ids;
}

const sizesOf: Record<string, number> = { a: 1, b: 3, c: 7 };
const modality: fc.Arbitrary<Modality> = fc.oneof(
  fc.constantFrom('a', 'b', 'c').map((name) => letters(name, sizesOf[name]) as Modality),
  fc
    .record({
      name: fc.constantFrom('d', 'e'),
      latentShapes: fc.uniqueArray(fc.constantFrom('2', '4', '4x2', '4x2x3'), { minLength: 1 }),
    })
    .map(
      ({ name, latentShapes }) =>
        ({
          ...strips(name),
          latentShapes: latentShapes.map((shape) => shape.split('x').map(Number)),
        }) as unknown as Modality,
    ),
);
const set = fc.uniqueArray(modality, { selector: ({ name }) => name, maxLength: 5 });

it('is append-only, whatever is added or removed, also through JSON', () => {
  fc.assert(
    fc.property(fc.array(set, { minLength: 1, maxLength: 6 }), (sets) => {
      let entries: readonly VocabularyEntry[] = [];
      let known = new Map<string, number>();
      for (const modalities of sets) {
        const present = createModalityRegistry(...modalities);
        const vocabulary = createVocabulary(present, entries);
        const now = meanings(vocabulary);
        expect(now.size).toBe(vocabulary.size);
        for (const [meaning, id] of known) expect(now.get(meaning)).toBe(id);
        for (const { name, vocabSize } of present.discrete) {
          expect(vocabulary.tokensOf(name).size).toBe(vocabSize);
        }
        for (const { name, latentShapes } of present.continuous) {
          for (const shape of latentShapes) expect(vocabulary.beginOf(name, shape)).toBeGreaterThanOrEqual(0);
          expect(vocabulary.endOf(name)).toBeGreaterThanOrEqual(0);
        }
        entries = JSON.parse(JSON.stringify(vocabulary.entries)) as VocabularyEntry[];
        expect(entries).toEqual(vocabulary.entries);
        known = now;
      }
    }),
  );
});
