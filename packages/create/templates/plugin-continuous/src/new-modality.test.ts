import { continuousModalityChecks } from '@transfusion/modality/testing';
import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { newModality, newModalityFactory } from './index.js';

// Replace: at least two values that differ in what the modality has to keep.
const examples = [
  Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1),
  Float32Array.from({ length: 64 }, (_, i) => Math.sin(i / 4)),
  new Float32Array(64),
];

beforeAll(() => tf.setBackend('cpu'));

describe('the contract', () => {
  const checks = continuousModalityChecks(newModality(), {
    values: examples,
    foreignValues: [new Float32Array(63), Float32Array.of(NaN)],
    distance: (a, b) => Math.max(...a.map((sample, i) => Math.abs(sample - b[i]))),
    // Replace: the largest distance between a value and its reconstruction by the codec; 0 for one without loss.
    tolerance: 0,
    factory: newModalityFactory(),
  });
  for (const { name, run } of checks) test(name, run);
});

test('a length that does not fit is refused', () => {
  expect(() => newModality({ length: 12 })).toThrow('length is 12, expected a positive multiple of 8');
});

test.each(['', '1\n2\n', 'one\n'.repeat(64), `${'1\n'.repeat(63)}\n1\n`])(
  'a file that holds no value is refused (%j)',
  async (text) => {
    const decoding = newModality().media!.decode(new TextEncoder().encode(text));
    await expect(decoding).rejects.toThrow('expected 64 numbers, one a line');
  },
);
