import { expect, it } from 'vitest';
import { textMedia } from './text-media.js';

it('writes UTF-8 and reads it without its byte order mark', async () => {
  expect(await textMedia.encode('né')).toEqual(Uint8Array.of(0x6e, 0xc3, 0xa9));
  expect(await textMedia.decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x6e, 0xc3, 0xa9))).toBe('né');
});

it('refuses invalid UTF-8', async () => {
  await expect(textMedia.decode(Uint8Array.of(0x61, 0xff))).rejects.toMatchObject({
    code: 'invalid-record',
    message: expect.stringContaining('invalid UTF-8'),
  });
});
