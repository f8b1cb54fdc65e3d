import { expect, it } from 'vitest';
import { decodeBase64, decodeDataUri, encodeDataUri } from './data-uri.js';

it('decodes what it encodes, of every length', () => {
  for (let length = 1; length < 20; length++) {
    const file = { mediaType: 'image/png', bytes: Buffer.alloc(length, 0xf3) };
    expect(decodeDataUri(encodeDataUri(file), 'url')).toEqual(file);
    const unpadded = file.bytes.toString('base64').replace(/=+$/, '');
    expect(decodeBase64(unpadded, 'data')).toEqual(file.bytes);
  }
});

it.each(['', '=', 'a', 'ab=c', 'ab c', 'abcd!', '@@@@', 'YWJj\nYWJj', 'abcde', '===='])(
  'refuses %j',
  (text) => {
    expect(() => decodeBase64(text, 'data')).toThrow('data: found');
  },
);
