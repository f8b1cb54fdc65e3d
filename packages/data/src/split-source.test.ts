import { createRng } from '@transfusion/nn';
import { expect, it } from 'vitest';
import type { DocumentSource } from './document-source.js';
import { splitSource, type SplitSourceOptions } from './split-source.js';

function numbers(length: number): DocumentSource {
  return {
    name: 'numbers',
    length,
    locate: (index) => `numbers:${index}`,
    dataHash: async () => `${length} numbers`,
    read: async (index) => ({ segments: [{ modality: 'text', value: String(index) }] }),
  };
}

async function valuesOf(source: DocumentSource): Promise<number[]> {
  const documents = Array.from({ length: source.length }, (_, i) => source.read(i, createRng(i)));
  return (await Promise.all(documents)).map(({ segments }) => Number(segments[0].value));
}

async function split(length: number, options?: SplitSourceOptions): Promise<[number[], number[]]> {
  const { train, validation } = splitSource(numbers(length), options);
  return [await valuesOf(train), await valuesOf(validation)];
}

it('gives each record to one of the sets, in order', async () => {
  const [train, validation] = await split(200);
  expect(validation).toHaveLength(20);
  expect([...train, ...validation].toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 200 }, (_, i) => i),
  );
  for (const set of [train, validation]) expect(set).toEqual(set.toSorted((a, b) => a - b));
  // At random, not the last ones.
  expect(validation[0]).toBeLessThan(100);
});

it('depends on the seed alone', async () => {
  expect(await split(50)).toEqual(await split(50, { seed: 0 }));
  expect(await split(50, { seed: 1 })).not.toEqual(await split(50));
});

it.each([
  [2, 0.1, 1],
  [2, 0.9, 1],
  [10, 0.25, 3],
  [10, 0.999, 9],
])('neither set is empty: %i records, fraction %f', async (length, validationFraction, expected) => {
  const [train, validation] = await split(length, { validationFraction });
  expect([train.length, validation.length]).toEqual([length - expected, expected]);
});

it('locates records as the source does, and has a fingerprint for each set', async () => {
  const { train, validation } = splitSource(numbers(10));
  const [value] = await valuesOf(validation);
  expect([validation.name, validation.locate(0)]).toEqual(['numbers', `numbers:${value}`]);
  expect(await train.dataHash!()).not.toBe(await validation.dataHash!());
  const { dataHash, ...unhashed } = numbers(10);
  expect(dataHash).toBeDefined();
  expect(splitSource(unhashed).train.dataHash).toBeUndefined();
});

it.each([0, 1, -0.1, NaN])('refuses the fraction %f', (validationFraction) => {
  expect(() => splitSource(numbers(10), { validationFraction })).toThrow(
    `splitSource: validationFraction is ${validationFraction}, expected a number between 0 and 1.`,
  );
});

it('refuses a source of one record', () => {
  expect(() => splitSource(numbers(1))).toThrow(
    'splitSource: numbers has 1 record, expected at least 2: one for each set.',
  );
});
