/** Equality with the reference implementation; tools/checks/golden/tokenizers/make.py wrote the files. */
import { describe, expect, it } from 'vitest';
import gpt2 from './golden/gpt2.json' with { type: 'json' };
import llama2 from './golden/llama2.json' with { type: 'json' };
import llama3 from './golden/llama3.json' with { type: 'json' };
import { loadTokenizer } from './tokenizer-file.js';
import type { TokenizerJson } from './tokenizer-json.js';
import { trainBpe } from './train-bpe.js';

const kinds = { gpt2, llama2, llama3 };

describe.each(Object.entries(kinds))('%s', async (_, golden) => {
  const tokenizer = await loadTokenizer(golden.tokenizer as unknown as TokenizerJson);

  it('encodes to the same ids', () => {
    for (const { text, ids } of golden.cases)
      expect([text, ...tokenizer.encode(text)]).toEqual([text, ...ids]);
  });

  it('encodes special tokens to the same ids if requested', () => {
    for (const { text, specialIds } of golden.cases) {
      expect([text, ...tokenizer.encode(text, { specialTokens: true })]).toEqual([text, ...specialIds]);
    }
  });

  it('decodes to the same text', () => {
    for (const { ids, decoded, specialIds, specialSkipped } of golden.cases) {
      expect(tokenizer.decode(ids)).toBe(decoded);
      expect(tokenizer.decode(specialIds)).toBe(specialSkipped);
    }
  });

  it('decodes special tokens to the same text if requested', () => {
    for (const { specialIds, specialDecoded } of golden.cases) {
      expect(tokenizer.decode(specialIds, { specialTokens: true })).toBe(specialDecoded);
    }
  });

  it('decodes to the same text in streaming, without incomplete characters', () => {
    for (const { ids, decoded } of golden.cases) {
      const decoder = tokenizer.createDecoder();
      expect(ids.map((id) => decoder.push(id)).join('')).toBe(decoded);
    }
  });
});

it('trains to the same merges and ids', () => {
  const { model } = trainBpe(gpt2.texts, {
    vocabSize: gpt2.vocabSize,
    minFrequency: gpt2.minFrequency,
    specialTokens: ['<|end|>'],
  }).toTokenizerJson();
  expect(model.merges).toEqual(gpt2.tokenizer.model.merges);
  expect(model.vocab).toEqual(gpt2.tokenizer.model.vocab);
});
