import { expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from './float16.js';

it('gives every half back', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const back = toFloat16(fromFloat16(halves));
  halves.forEach((half, i) => {
    const isNaNHalf = (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
    if (isNaNHalf) expect((back[i] & 0x7c00) === 0x7c00 && (back[i] & 0x3ff) !== 0).toBe(true);
    else expect(back[i]).toBe(half);
  });
});

it('rounds to the nearest half, ties to even', () => {
  // Halves near 1 are 2^-10 apart, the smallest 2^-24.
  const cases: [number, number][] = [
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    [-1 - 3 * 2 ** -11, -1 - 2 ** -9],
    [2 ** -25, 0],
    [3 * 2 ** -25, 2 ** -23],
    [2 ** -25 + 2 ** -30, 2 ** -24],
    [2 ** -14 - 2 ** -26, 2 ** -14],
    [65519, 65504],
    [65520, Infinity],
    [-1e9, -Infinity],
    [0.1, 0.0999755859375],
  ];
  for (const [value, half] of cases) {
    expect(fromFloat16(toFloat16(Float32Array.of(value)))[0], String(value)).toBe(half);
  }
  expect(fromFloat16(toFloat16(Float32Array.of(NaN)))[0]).toBeNaN();
});
