/** A hundred damaged files of each format; `npm run fuzz` reads thousands. */
import { expect, it } from 'vitest';
import { problemOf } from './problem-of.js';
import { runFormat } from './run-format.js';
import { mutateBytes, mutateJson } from './mutate.js';
import { Random } from './random.js';
import { TransfusionError } from '@transfusion/errors';

it.concurrent.each([
  'tar',
  'parquet',
  'safetensors',
  'tokenizer',
  'autoencoder',
  'jsonl',
  'coco',
  'csv',
  'images',
])('%s', { timeout: 120_000 }, async (name) => {
  const { read, refused, findings } = await runFormat(name, 1, 0, 100);
  expect(findings).toEqual([]);
  expect(read + refused).toBe(100);
  expect(refused).toBeGreaterThan(20);
});

it('tells clear errors from others', () => {
  expect(problemOf(new TransfusionError('invalid-file', 'a.json: is not JSON. Mend it.'))).toBeUndefined();
  expect(problemOf(new TypeError('x'))).toMatch(/^not a TransfusionError: TypeError: x/);
  expect(problemOf(new TransfusionError('invalid-argument', 'a\nb'))).toMatch(/^more than one line/);
  expect(
    problemOf(new TransfusionError('invalid-file', 'a: Offset is outside the bounds of the DataView')),
  ).toMatch(/^the error of a library/);
});

it('makes the same files from the same seed', () => {
  const make = (seed: number): string[] => {
    const random = new Random(seed);
    return [
      mutateBytes(Buffer.from('0123456789abcdef'), random),
      mutateJson('{"a": [1, {"b": 2}]}', random),
    ].map(String);
  };
  expect(make(3)).toEqual(make(3));
  expect(new Set(Array.from({ length: 50 }, (_, seed) => make(seed).join())).size).toBeGreaterThan(40);
});
