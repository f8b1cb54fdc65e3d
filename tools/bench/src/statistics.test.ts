import { expect, test } from 'vitest';
import { spreadOf } from './statistics.js';

test('spread of values in any order', () => {
  expect(spreadOf([5, 1, 3])).toEqual({ min: 1, median: 3, max: 5 });
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(spreadOf([4, 1, 2, 10])).toEqual({ min: 1, median: 3, max: 10 });
});

test('no values have no spread', () => {
  expect(() => spreadOf([])).toThrow('no values');
});
