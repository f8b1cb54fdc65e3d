import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Media } from '../media.js';
import { continuousModalityChecks } from '../testing.js';
import { runChecks, strip, stripExamples, type Strips } from '../testing-internals/strip-checks.js';

beforeAll(() => tf.setBackend('cpu'));

describe('a modality with files fails', () => {
  const media = strip.media!;
  const withMedia = (changes: Partial<Media<readonly number[]>>): Strips => ({
    ...strip,
    media: { ...media, ...changes },
  });
  const sheetOf = (changes: object) => async () => ({
    mediaType: 'text/plain',
    extension: '.txt',
    bytes: Uint8Array.of(1),
    ...changes,
  });
  it.each([
    [
      'without a MIME type',
      withMedia({ mediaType: 'strip' }),
      /media\.mediaType is 'strip', expected one such/,
    ],
    ['in capitals', withMedia({ mediaType: 'Image/PNG' }), /media\.mediaType is 'Image\/PNG'/],
    ['that name no ending', withMedia({ extensions: [] }), /media\.extensions is empty/],
    ['without a dot', withMedia({ extensions: ['.a', 'b'] }), /media\.extensions has 'b', expected one such/],
    ['with capitals at the end', withMedia({ extensions: ['.A'] }), /media\.extensions has '\.A'/],
    [
      'that are not bytes',
      withMedia({ encode: async () => 'abc' as unknown as Uint8Array }),
      /from their files: media\.encode\(\) of the example 0 does not return bytes/,
    ],
    [
      'that hold something else',
      withMedia({ decode: async () => [1] }),
      /from their files: the example 0 from its file is not accepted/,
    ],
    [
      'that lose something',
      withMedia({ decode: async (bytes) => (await media.decode(bytes)).map((x) => x + 0.5) }),
      /from their files: the example 0 from its file is 0\.5 away from the original, expected at most 0/,
    ],
    [
      'with an empty sheet',
      withMedia({ sheet: sheetOf({ bytes: new Uint8Array() }) }),
      /sheet of 2 values is empty/,
    ],
    [
      'with a sheet of no type',
      withMedia({ sheet: sheetOf({ mediaType: '' }) }),
      /the sheet’s mediaType is ''/,
    ],
    [
      'with a sheet of no name',
      withMedia({ sheet: sheetOf({ extension: 'txt' }) }),
      /the sheet’s extension is 'txt'/,
    ],
  ])('%s', async (_, modality, expected) => {
    expect((await runChecks(continuousModalityChecks(modality, stripExamples))).join('\n')).toMatch(expected);
  });
});
