import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BYTE_TO_CHARACTER } from './byte-alphabet.js';
import { preTokenize } from './pre-tokenize.js';
import { utf8 } from './token-bytes.js';
import { mergePair } from './tokenizer-json.js';
import { trainBpe } from './train-bpe.js';

/** Byte-pair encoding by its definition: all pairs are counted again for each merge. */
function trainPlainly(texts: readonly string[], vocabSize: number, minFrequency: number): string[][] {
  const tokens = BYTE_TO_CHARACTER.toSorted();
  let words = texts
    .flatMap((text) => [...preTokenize(text)])
    .map((word) => Array.from(utf8(word), (byte) => BYTE_TO_CHARACTER[byte]));
  const merges: string[][] = [];
  while (tokens.length < vocabSize) {
    const counts = new Map<string, { pair: string[]; count: number }>();
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const pair = [word[i - 1], word[i]];
        const count = counts.get(pair.join(' '))?.count ?? 0;
        counts.set(pair.join(' '), { pair, count: count + 1 });
      }
    }
    const rank = (token: string): number => tokens.indexOf(token);
    const [best] = [...counts.values()].sort(
      (a, b) => b.count - a.count || rank(a.pair[0]) - rank(b.pair[0]) || rank(a.pair[1]) - rank(b.pair[1]),
    );
    if (best === undefined || best.count < minFrequency) break;
    const [left, right] = best.pair;
    merges.push([left, right]);
    if (!tokens.includes(left + right)) tokens.push(left + right);
    words = words.map((word) => {
      const merged: string[] = [];
      for (const token of word) {
        // A merged pair is marked, so that it does not merge with what follows.
        if (token === right && merged.at(-1) === left) merged.splice(-1, 1, `${left}${right}\0`);
        else merged.push(token);
      }
      return merged.map((token) => token.replace('\0', ''));
    });
  }
  return merges;
}

const corpus = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'a', ' ', 'é', '\n', '1'), maxLength: 40 }),
  {
    minLength: 1,
    maxLength: 5,
  },
);

describe('trainBpe', () => {
  it('merges by the definition', () => {
    fc.assert(
      fc.property(corpus, fc.integer({ min: 1, max: 3 }), (texts, minFrequency) => {
        fc.pre(texts.some((text) => text !== ''));
        const { model } = trainBpe(texts, { vocabSize: 280, minFrequency }).toTokenizerJson();
        expect(model.merges.map(mergePair)).toEqual(trainPlainly(texts, 280, minFrequency));
      }),
    );
  });

  it('encodes with the merges in order', () => {
    const tokenizer = trainBpe(['aab aab aab'], { vocabSize: 258 });
    const split = (text: string): string[] =>
      Array.from(tokenizer.encode(text), (id) => tokenizer.decode([id]));
    expect([split('aab'), split('aaab'), split('ab')]).toEqual([['aab'], ['aa', 'a', 'b'], ['a', 'b']]);
  });

  it('decodes any text that it encodes', () => {
    const tokenizer = trainBpe(['ein Käse, zwei Käse 😀😀'], { vocabSize: 300, specialTokens: ['<|end|>'] });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
    expect(tokenizer.decode(tokenizer.encode('a\ud83d'))).toBe('a\ufffd');
  });

  it('has the requested size, or the largest one that the texts allow', () => {
    expect(trainBpe(['abcabcabc'], { vocabSize: 258 }).vocabSize).toBe(258);
    expect(trainBpe(['abcabcabc'], { vocabSize: 9999 }).vocabSize).toBeLessThan(262);
  });

  it('accepts a single string', () => {
    expect(trainBpe('abab', { vocabSize: 257 }).vocabSize).toBe(257);
  });

  it('supports tokens that are property names in JavaScript', () => {
    const words = 'constructor toString constructor toString';
    const tokenizer = trainBpe([words], { vocabSize: 300, specialTokens: ['__proto__'] });
    expect(tokenizer.decode(tokenizer.encode(words))).toBe(words);
    expect(tokenizer.encode('__proto__', { specialTokens: true })).toEqual(Int32Array.of(0));
    expect(tokenizer.decode(tokenizer.encode('__proto__'))).toBe('__proto__');
  });

  it('never merges to the name of a special token', () => {
    const tokenizer = trainBpe(['the the the'], { vocabSize: 280, specialTokens: ['the', '<|end|>'] });
    expect(tokenizer.specialTokens).toEqual(new Map(Object.entries({ the: 0, '<|end|>': 1 })));
    expect(tokenizer.encode('the <|end|>')).not.toContain(0);
    expect(tokenizer.encode('the <|end|>')).not.toContain(1);
    expect(Array.from(tokenizer.encode('the<|end|>', { specialTokens: true }))).toEqual([0, 1]);
  });

  it('decodes special ids only if requested', () => {
    const tokenizer = trainBpe(['abab'], { vocabSize: 258, specialTokens: ['<|end|>'] });
    const ids = [0, ...tokenizer.encode('ab'), 0];
    expect(tokenizer.decode(ids)).toBe('ab');
    expect(tokenizer.decode(ids, { specialTokens: true })).toBe('<|end|>ab<|end|>');
    const decoder = tokenizer.createDecoder({ specialTokens: true });
    expect(ids.map((id) => decoder.push(id))).toEqual(['<|end|>', 'ab', '<|end|>']);
  });

  it.each([
    [[], { vocabSize: 300 }, /all texts are empty/],
    [[''], { vocabSize: 300 }, /all texts are empty/],
    [['a'], { vocabSize: 255 }, /vocabSize is 255, expected an integer of at least 256/],
    [['a'], { vocabSize: 256, specialTokens: ['<s>'] }, /at least 257: 256 bytes and 1 special tokens/],
    [['a'], { vocabSize: 300.5 }, /vocabSize is 300.5/],
    [['a'], { vocabSize: 300, minFrequency: 0 }, /minFrequency is 0/],
    [['a'], { vocabSize: 300, specialTokens: ['<s>', '<s>'] }, /"<s>" occurs twice/],
    [['a'], { vocabSize: 300, specialTokens: [''] }, /is empty/],
    [['a'], { vocabSize: 300, specialTokens: ['x'] }, /"x" stands for a byte/],
  ])('refuses %j with %j', (texts, options, message) => {
    expect(() => trainBpe(texts, options)).toThrow(message);
  });
});
