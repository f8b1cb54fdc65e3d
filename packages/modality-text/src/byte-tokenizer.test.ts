import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteTokenizer } from './byte-tokenizer.js';
import { toWellFormed } from './pre-tokenize.js';

const tokenizer = byteTokenizer();
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);
const anyBytes = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0xf0, 0x9f, 0x98, 0x80, 0xe2, 0xed, 0xa0, 0xef, 0xbb, 0xbf),
  ),
);

describe('byteTokenizer', () => {
  it('encodes to UTF-8 bytes', () => {
    expect(tokenizer.vocabSize).toBe(256);
    expect(tokenizer.encode('aé😀')).toEqual(Int32Array.of(0x61, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80));
    expect(tokenizer.encode('')).toEqual(new Int32Array());
    expect(tokenizer.decode([])).toBe('');
  });

  it('inverts encode; lone surrogates become U+FFFD', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(toWellFormed(text));
      }),
    );
    expect(tokenizer.decode(tokenizer.encode('a\ud83db\ude00\ufeff'))).toBe('a\ufffdb\ufffd\ufeff');
  });

  it('drops an incomplete character at the end', () => {
    const ids = tokenizer.encode('a😀');
    expect([1, 2, 3, 4, 5].map((length) => tokenizer.decode(ids.subarray(0, length)))).toEqual([
      'a',
      'a',
      'a',
      'a',
      'a😀',
    ]);
  });

  it('replaces invalid UTF-8', () => {
    expect(tokenizer.decode([0x61, 0xff, 0x62, 0xe2, 0x82, 0x63, 0x80])).toBe('a\ufffdb\ufffdc\ufffd');
  });

  it('decodes bytes in streaming as in one go', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const decoder = tokenizer.createDecoder();
        expect(bytes.map((id) => decoder.push(id)).join('')).toBe(tokenizer.decode(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it.each([-1, 256, 1.5, NaN])('refuses the id %s', (id) => {
    expect(() => tokenizer.decode([97, id])).toThrow(/cannot decode id .* from 0 to 255/);
    expect(() => tokenizer.createDecoder().push(id)).toThrow(/cannot decode id/);
  });
});
