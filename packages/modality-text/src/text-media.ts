import { TransfusionError } from '@transfusion/errors';
import type { Media } from '@transfusion/modality';

/** Text files in UTF-8. A byte order mark at the start is dropped. */
export const textMedia: Media<string> = {
  mediaType: 'text/plain',
  extensions: ['.txt'],
  decode: async (bytes) => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new TransfusionError(
        'invalid-record',
        'not readable text (invalid UTF-8). Convert it to UTF-8, or remove it.',
        { cause },
      );
    }
  },
  encode: async (text) => new TextEncoder().encode(text),
};
