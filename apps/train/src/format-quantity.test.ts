import { expect, test } from 'vitest';
import { formatBytes, formatDuration, formatSi } from './format-quantity.js';

test.each([
  [0, '0'],
  [950, '950'],
  [0.5, '0.50'],
  [-1500, '-1.50 k'],
  [9_994, '9.99 k'],
  [9_996, '10.0 k'],
  [99_960, '100 k'],
  [5_026_448, '5.03 M'],
  [999_499, '999 k'],
  [999_999, '1.00 M'],
  [6.7e9, '6.70 G'],
  [9.7e16, '97.0 P'],
  [1e21, '1000 E'],
])('formats %d as %s', (value, expected) => {
  expect(formatSi(value)).toBe(expected);
});

test('a unit follows the prefix, after a space', () => {
  expect([950, 5.03e9].map((value) => formatSi(value, 'FLOP'))).toEqual(['950 FLOP', '5.03 GFLOP']);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.00 KiB'],
  [1024 ** 2 - 1, '1.00 MiB'],
  [1.5 * 2 ** 30, '1.50 GiB'],
])('formats %d bytes as %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});

test.each([
  [9.4, '9 s'],
  [59.6, '1 min 00 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 05 min'],
])('formats %d seconds as %s', (seconds, expected) => {
  expect(formatDuration(seconds)).toBe(expected);
});
