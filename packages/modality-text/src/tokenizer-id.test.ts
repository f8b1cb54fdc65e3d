import { expect, it } from 'vitest';
import gpt2 from './golden/gpt2.json' with { type: 'json' };
import { byteTokenizer } from './byte-tokenizer.js';
import { tokenizerId } from './tokenizer-id.js';
import type { BpeModel, TokenizerJson } from './tokenizer-json.js';
import { trainBpe } from './train-bpe.js';

const json = gpt2.tokenizer as unknown as TokenizerJson;
const withModel = (changes: object): TokenizerJson => ({ ...json, model: { ...json.model, ...changes } });
const reversed = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).reverse()) as T;
const { vocab, merges } = json.model as BpeModel;

it('is the id of tokenizers', () => {
  const learned = (corpus: string) => trainBpe([corpus], { vocabSize: 257 });
  expect(byteTokenizer().id).toBe('bytes');
  expect(learned('abab').id).toMatch(/^bpe [0-9a-f]{16}$/);
  expect(learned('abab').id).toBe(learned('abab').id);
  expect(learned('cdcd').vocabSize).toBe(learned('abab').vocabSize);
  expect(learned('cdcd').id).not.toBe(learned('abab').id);
});

it.each<[string, TokenizerJson]>([
  ['the order of keys', reversed(json)],
  ['the order in which the vocabulary is written', withModel({ vocab: reversed(vocab) })],
  ['how merges are written', withModel({ merges: merges.map((merge) => [merge].flat().join(' ')) })],
  ['what is not set', withModel({ end_of_word_suffix: null })],
  ['what adds no ids to a text', { ...json, post_processor: { type: 'ByteLevel' } }],
])('does not depend on %s', (_, changed) => {
  const like = withModel({ end_of_word_suffix: undefined });
  expect(tokenizerId(changed)).toBe(tokenizerId(like));
});

it.each<[string, TokenizerJson]>([
  ['the vocabulary', withModel({ vocab: { ...vocab, '!!!': 999 } })],
  ['the order of merges', withModel({ merges: merges.toReversed() })],
  ['the normalizer', { ...json, normalizer: { type: 'NFC' } }],
  ['added tokens', { ...json, added_tokens: [] }],
])('depends on %s', (_, changed) => {
  expect(tokenizerId(changed)).not.toBe(tokenizerId(json));
});
