import { createModalityRegistry, createVocabulary } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { letters, strips } from '../testing-internals/toy-modalities.js';
import { nextToken } from './decisions.js';
import { startSequence } from './growing-sequence.js';
import type { GenerationRequest } from './request.js';

const earlier = createModalityRegistry(letters('text'), letters('code'), strips('strip'));
const before = { modalities: earlier, vocabulary: createVocabulary(earlier) };
const later = createModalityRegistry(strips('wave'), ...earlier.modalities, letters('notes'));
const after = { modalities: later, vocabulary: createVocabulary(later, before.vocabulary.entries) };
const names: readonly string[] = earlier.modalities.map(({ name }) => name);
const V = before.vocabulary.size;

const options = fc.record(
  {
    temperature: fc.constantFrom(0, 0.5, 1, 2),
    topK: fc.integer({ min: 1, max: after.vocabulary.size + 1 }),
    topP: fc.constantFrom(0.3, 0.9, 1),
    minP: fc.constantFrom(0, 0.1),
    repetitionPenalty: fc.constantFrom(1, 1.5),
  },
  { requiredKeys: [] },
);

it('held to the modalities of an earlier vocabulary, a document does not depend on later ones', () => {
  expect(after.vocabulary.size).toBeGreaterThan(V);
  const held = fc.constantFrom(names, ['text'], ['code', 'strip'], ['strip']);
  fc.assert(
    fc.property(fc.nat(9999), held, options, (seed, modalities, tokenSampling) => {
      const all = createRng(seed).normals(after.vocabulary.size);
      const request: GenerationRequest = { prompt: [], seed, modalities, tokenSampling };
      const next = (model: typeof before, logits: Float32Array): number =>
        nextToken(model, startSequence(model.modalities, model.vocabulary, request), logits);
      const id = next(before, all.slice(0, V));
      expect(next(after as never, all.slice())).toBe(id);
      const { entry } = before.vocabulary.at(id);
      expect(entry.kind === 'eos' || modalities.includes((entry as { modality: string }).modality)).toBe(
        true,
      );
    }),
    { numRuns: 300 },
  );
});

it('a first span may be of any other modality', () => {
  const request = { prompt: [], seed: 1, modalities: ['text'], firstSpan: { modality: 'strip' } };
  const logits = createRng(1).normals(V);
  const id = nextToken(before, startSequence(earlier, before.vocabulary, request), logits);
  expect(before.vocabulary.at(id).entry).toMatchObject({ kind: 'begin', modality: 'strip' });
});

it('held to all modalities, a document is what it is without', () => {
  fc.assert(
    fc.property(fc.nat(9999), options, (seed, tokenSampling) => {
      const logits = createRng(seed).normals(V);
      const next = (request: Partial<GenerationRequest>): number => {
        const whole = { prompt: [], seed, tokenSampling, ...request };
        return nextToken(before, startSequence(earlier, before.vocabulary, whole), logits.slice());
      };
      expect(next({ modalities: names })).toBe(next({}));
    }),
    { numRuns: 100 },
  );
});
