import { expect, it } from 'vitest';
import type { RgbImage } from '../rgb-image.js';
import { averageToGrid } from './average-to-grid.js';

/** A gray image of one row. */
const row = (...values: number[]): RgbImage => ({
  width: values.length,
  height: 1,
  data: Uint8Array.from(values.flatMap((value) => [value, value, value])),
});
const grays = (image: RgbImage, h: number, w: number): number[] =>
  [...averageToGrid(image, [h, w]).data].filter((_, i) => i % 3 === 0).map((value) => (value + 1) * 127.5);

it('averages by area', () => {
  expect(grays(row(0, 100, 200, 250), 1, 2)).toEqual([50, 225].map((mean) => expect.closeTo(mean, 3)));
});

it('counts a pixel on a border in proportion', () => {
  const [left, right] = grays(row(30, 90, 150), 1, 2);
  expect(left).toBeCloseTo((30 + 90 / 2) / 1.5, 3);
  expect(right).toBeCloseTo((90 / 2 + 150) / 1.5, 3);
});

it('repeats pixels in a finer grid, and keeps colors apart', () => {
  const image = { width: 1, height: 2, data: Uint8Array.of(0, 255, 51, 255, 0, 0) };
  const { shape, data } = averageToGrid(image, [4, 1]);
  expect(shape).toEqual([4, 1, 3]);
  const expected = [-1, 1, -0.6, -1, 1, -0.6, 1, -1, -1, 1, -1, -1];
  data.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
});
