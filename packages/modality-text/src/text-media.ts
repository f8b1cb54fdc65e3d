import { TransfusionError } from '@transfusion/errors';
import type { Media } from '@transfusion/modality';

/** Texts as UTF-8 files. A byte order mark at the start of a file is no part of its text. */
export const textMedia: Media<string> = {
  mediaType: 'text/plain',
  extensions: ['.txt'],
  decode: async (bytes) => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new TransfusionError(
        'invalid-record',
        'not a readable text (some bytes are no UTF-8). Save it again as UTF-8, or leave it out.',
        { cause },
      );
    }
  },
  encode: async (text) => new TextEncoder().encode(text),
};
