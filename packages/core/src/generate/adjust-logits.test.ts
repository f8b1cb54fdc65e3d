import { expect, it } from 'vitest';
import { strip, text, toyVocabulary } from '../testing-internals/toy-documents.js';
import { toyRegistry } from '../testing-internals/toy-modalities.js';
import { adjustLogits } from './adjust-logits.js';
import { startSequence } from './growing-sequence.js';
import type { TokenSamplingOptions } from './sample-token.js';

const { size: V, bos, eos } = toyVocabulary;

/** Returns the logits of the letters, the others being 1, after a prompt and generated letters. */
function adjusted(letters: readonly number[], tokenSampling: TokenSamplingOptions): number[] {
  const prompt = [text('bb'), strip([1, 2, 3, 4]), text('d')];
  const sequence = startSequence(toyRegistry, toyVocabulary, { prompt, seed: 1, tokenSampling });
  sequence.ids.push(...toyRegistry.get('text').encode('ee'));
  const logits = Float32Array.from({ length: V }, (_, id) => letters[id] ?? 1);
  adjustLogits(toyVocabulary, sequence, logits);
  // Markers are not tokens: neither a penalty nor a bias changes them.
  expect([...logits.subarray(6)]).toEqual(new Array(V - 6).fill(1));
  return [...logits.subarray(0, 6)];
}

it('divides positive logits and multiplies negative ones of tokens in the document, once each', () => {
  expect(bos).toBeGreaterThanOrEqual(6);
  expect(eos).toBeGreaterThanOrEqual(6);
  // The document has b twice, d, e twice; the elements of its span are no tokens.
  expect(adjusted([3, 3, -3, -3, 0, 3], { repetitionPenalty: 1.5 })).toEqual([3, 2, -3, -4.5, 0, 3]);
  expect(adjusted([3, 3, -3, -3, 0, 3], { repetitionPenalty: 0.5 })).toEqual([3, 6, -3, -1.5, 0, 3]);
  expect(adjusted([3, -Infinity, 1, 1, 1, 1], { repetitionPenalty: 2 })[1]).toBe(-Infinity);
});

it('adds biases, after the penalty', () => {
  const logitBias = [
    { modality: 'text', id: 0, bias: 2.5 },
    { modality: 'text', id: 1, bias: -1 },
    { modality: 'text', id: 2, bias: -Infinity },
    { modality: 'text', id: 0, bias: 1 },
  ];
  expect(adjusted([3, 3, 3, 3, 3, 3], { logitBias })).toEqual([6.5, 2, -Infinity, 3, 3, 3]);
  const both = adjusted([3, 3, 3, 3, 3, 3], { logitBias, repetitionPenalty: 1.5 });
  expect(both).toEqual([6.5, 1, -Infinity, 2, 2, 3]);
});

it('changes nothing by default', () => {
  expect(adjusted([3, 3, -3, -3, 0, 3], {})).toEqual([3, 3, -3, -3, 0, 3]);
});

it('refuses biases that leave no token', () => {
  const sequence = startSequence(toyRegistry, toyVocabulary, {
    prompt: [],
    seed: 1,
    tokenSampling: {
      logitBias: [0, 1].map((id) => ({ modality: 'text', id, bias: -Infinity })),
    },
  });
  const logits = (...possible: number[]): Float32Array =>
    Float32Array.from({ length: V }, (_, id) => (possible.includes(id) ? 1 : -Infinity));
  expect(() => adjustLogits(toyVocabulary, sequence, logits(0, 1, 2))).not.toThrow();
  expect(() => adjustLogits(toyVocabulary, sequence, logits(0, 1))).toThrow(
    'generate: logitBias forbids every token that may come next, expected at least one to be possible.',
  );
});
