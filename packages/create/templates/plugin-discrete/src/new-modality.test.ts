import { discreteModalityChecks } from '@transfusion/modality/testing';
import { describe, expect, test } from 'vitest';
import { newModality, newModalityFactory } from './index.js';

describe('the contract', () => {
  const checks = discreteModalityChecks(newModality(), {
    // Replace: values of all sorts: empty, short, long, unusual.
    values: [[], ['C4'], ['C3', '-', 'F#4', 'B5'], Array.from({ length: 200 }, () => 'A4')],
    foreignValues: ['C4', ['H2'], [4]],
    factory: newModalityFactory(),
  });
  for (const { name, run } of checks) test(name, run);
});

test('octaves that there are not are refused', () => {
  expect(() => newModality({ octaves: 7 })).toThrow('octaves is 7, expected an integer from 1 to 6');
});

test('a file that holds no value is refused', async () => {
  const decoding = newModality().media!.decode(new TextEncoder().encode('C4 H9 D4'));
  await expect(decoding).rejects.toThrow('found "H9", expected notes such as C4');
});
