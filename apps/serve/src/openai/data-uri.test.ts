import { expect, it } from 'vitest';
import { decodeBase64, decodeImageUri, encodeDataUri } from './data-uri.js';

it('decodes what it encodes, of every length', () => {
  for (let length = 1; length < 20; length++) {
    const file = { mediaType: 'image/png', bytes: Buffer.alloc(length, 0xf3) };
    expect(decodeImageUri(encodeDataUri(file), 'url')).toEqual(file);
    const unpadded = file.bytes.toString('base64').replace(/=+$/, '');
    expect(decodeBase64(unpadded, 'data')).toEqual(file.bytes);
  }
});

it('refuses files that are no images, and links', () => {
  const uri = (type: string) => `data:${type};base64,YWJj`;
  expect(() => decodeImageUri(uri('audio/wav'), 'url')).toThrow('url: found a file of type audio/wav');
  expect(() => decodeImageUri('https://a.example/b.png', 'url')).toThrow('url: found a link');
});

it.each(['', '=', 'a', 'ab=c', 'ab c', 'abcd!', '@@@@', 'YWJj\nYWJj', 'abcde', '===='])(
  'refuses %j',
  (text) => {
    expect(() => decodeBase64(text, 'data')).toThrow('data: found');
  },
);
