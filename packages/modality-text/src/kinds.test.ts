/** Equality with the reference implementation on 300 texts; tools/checks/golden/tokenizers/kinds.py wrote the files. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNormalizer } from './normalizers.js';
import { readPreTokenizer } from './pre-tokenizers.js';
import { loadTokenizer } from './tokenizer-file.js';
import type { TokenizerJson, TokenizerStep } from './tokenizer-json.js';

interface Kind {
  readonly tokenizer: TokenizerJson;
  readonly ids: readonly number[][];
  /** null if it is the text. */
  readonly decoded: readonly (string | null)[];
  /** null if they are `ids`. */
  readonly specialIds: readonly (number[] | null)[];
  /** null if it is `decoded`. */
  readonly specialDecoded: readonly (string | null)[];
}

interface Step<Output> {
  readonly step: TokenizerStep;
  readonly outputs: readonly Output[];
}

interface Steps {
  readonly texts: readonly string[];
  readonly normalizers: Readonly<Record<string, Step<string>>>;
  readonly preTokenizers: Readonly<Record<string, Step<string[]>>>;
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8')) as T;
const texts = read<string[]>('texts');
const names = readdirSync(new URL('golden/kinds', import.meta.url)).map((file) => file.replace('.json', ''));

describe.each(names)('%s', async (name) => {
  const golden = read<Kind>(`kinds/${name}`);
  const tokenizer = await loadTokenizer(golden.tokenizer);
  const each = texts.map((text, i) => {
    const { ids, decoded, specialIds, specialDecoded } = golden;
    const plain = decoded[i] ?? text;
    return {
      text,
      ids: ids[i],
      plain,
      specialIds: specialIds[i] ?? ids[i],
      special: specialDecoded[i] ?? plain,
    };
  });

  it('encodes to the same ids, but to no control ids', () => {
    const { type, unk_id } = golden.tokenizer.model;
    const control = new Set(tokenizer.specialTokens.values());
    if (type === 'Unigram') control.delete(unk_id as number);
    else control.delete(golden.tokenizer.model.vocab[golden.tokenizer.model.unk_token ?? ''] ?? -1);
    for (const { text, ids } of each) {
      const found = Array.from(tokenizer.encode(text));
      // The reference's Unigram finds the names of control ids in any text.
      if (ids.some((id) => control.has(id))) expect(found.filter((id) => control.has(id))).toEqual([]);
      else expect([text, ...found]).toEqual([text, ...ids]);
    }
  });

  it('encodes special tokens to the same ids when asked', () => {
    for (const { text, specialIds } of each) {
      expect([text, ...tokenizer.encode(text, { specialTokens: true })]).toEqual([text, ...specialIds]);
    }
  });

  it('decodes to the same text, at once and id by id', () => {
    for (const { ids, plain, specialIds, special } of each) {
      expect(tokenizer.decode(ids)).toBe(plain);
      expect(tokenizer.decode(specialIds, { specialTokens: true })).toBe(special);
      const decoder = tokenizer.createDecoder();
      expect(ids.map((id) => decoder.push(id)).join('')).toBe(plain);
    }
  });
});

const steps = read<Steps>('steps');

it.each(Object.entries(steps.normalizers))('normalizes as the reference: %s', (_, { step, outputs }) => {
  const normalize = readNormalizer(step, 'test');
  expect(steps.texts.map((text) => normalize(text))).toEqual(outputs);
});

it.each(Object.entries(steps.preTokenizers))('splits as the reference: %s', (_, { step, outputs }) => {
  const preTokenize = readPreTokenizer(step, 'test');
  // No step is given an empty text.
  const found = steps.texts.map((text) => (text === '' ? [] : preTokenize(text, true)));
  expect(found).toEqual(outputs);
});
