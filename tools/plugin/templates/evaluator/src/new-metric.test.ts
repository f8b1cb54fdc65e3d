import { expect, test } from 'vitest';
import { newMetric } from './index.js';

test('equal values score 0', () => {
  expect(newMetric([{ value: [1, 2], reference: Float32Array.of(1, 2) }])).toEqual({ mean: 0, scores: [0] });
});

test('the score is the mean of absolute differences', () => {
  const pairs = [
    { value: [0, 0], reference: [1, -3] },
    { value: [5], reference: [1] },
  ];
  expect(newMetric(pairs)).toEqual({ mean: 3, scores: [2, 4] });
});

test.each([
  [[], 'found no pairs'],
  [[{ value: [], reference: [] }], 'the value of pair 0 is empty'],
  [[{ value: [1], reference: [1, 2] }], 'the value of pair 0 has 1 numbers, expected 2'],
])('%j cannot be scored', (pairs, message) => {
  expect(() => newMetric(pairs)).toThrow(message);
});
