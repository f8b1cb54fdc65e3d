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
      'that are not bytes',
      withMedia({ encode: async () => 'abc' as unknown as Uint8Array }),
      /from their files: .*media\.encode\(\) returned the string "abc" for the example 0, expected a Uint8Array/,
    ],
    [
      'that hold something else',
      withMedia({ decode: async () => [1] }),
      /media\.decode\(\) returned an instance of Array for the file of the example 0, expected a value that/,
    ],
    [
      'that lose something',
      withMedia({ decode: async (bytes) => (await media.decode(bytes)).map((x) => x + 0.5) }),
      /media\.decode\(\) returned for the example 0 a value 0\.5 away from the original, expected at most 0/,
    ],
    [
      'with an empty sheet',
      withMedia({ sheet: sheetOf({ bytes: new Uint8Array() }) }),
      /media\.sheet\(\) of 2 values returned no bytes, expected those of a file/,
    ],
    [
      'with a sheet of no type',
      withMedia({ sheet: sheetOf({ mediaType: '' }) }),
      /media\.sheet\(\) of 2 values returned the mediaType '', expected one such as/,
    ],
    [
      'with a sheet of no name',
      withMedia({ sheet: sheetOf({ extension: 'txt' }) }),
      /media\.sheet\(\) of 2 values returned the extension 'txt', expected one such as/,
    ],
  ])('%s', async (_, modality, expected) => {
    expect((await runChecks(continuousModalityChecks(modality, stripExamples))).join('\n')).toMatch(expected);
  });
});
