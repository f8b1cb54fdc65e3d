import { expect, it } from 'vitest';
import type { RgbImage } from '@transfusion/modality-image';
import { imageRules } from './image-rules.js';

// Two by two: red, green / blue, orange.
const image: RgbImage = {
  width: 2,
  height: 2,
  data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 250, 120, 10),
};
const { data } = image;

const expected: Readonly<Record<string, readonly number[]>> = {
  mirror: [0, 255, 0, 255, 0, 0, 250, 120, 10, 0, 0, 255],
  'upside-down': [0, 0, 255, 250, 120, 10, 255, 0, 0, 0, 255, 0],
  gray: [76, 76, 76, 150, 150, 150, 29, 29, 29, 146, 146, 146],
  'red-blue': [0, 0, 255, 0, 255, 0, 255, 0, 0, 10, 120, 250],
  'red-green': [0, 255, 0, 255, 0, 0, 0, 0, 255, 120, 250, 10],
  'green-blue': [255, 0, 0, 0, 0, 255, 0, 255, 0, 250, 10, 120],
};

it('has these rules', () => {
  expect(imageRules.map(({ name }) => name)).toEqual(Object.keys(expected));
});

it.each(imageRules.map((rule) => [rule.name, rule] as const))('%s', (name, { apply }) => {
  const before = Uint8Array.from(data);
  expect(apply(image)).toEqual({ width: 2, height: 2, data: Uint8Array.from(expected[name]) });
  expect(data).toEqual(before);
  // White, which is behind most images, stays white, and flips and exchanges undo themselves.
  const white = { width: 3, height: 1, data: new Uint8Array(9).fill(255) };
  expect(apply(white)).toEqual(white);
  expect(apply(apply(image))).toEqual(name === 'gray' ? apply(image) : image);
});

it('flips rows of any length', () => {
  const row = { width: 3, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) };
  const [mirror, upsideDown] = imageRules;
  expect([...mirror.apply(row).data]).toEqual([7, 8, 9, 4, 5, 6, 1, 2, 3]);
  expect(upsideDown.apply(row)).toEqual(row);
});

it('no two rules have the same instruction', () => {
  const words = imageRules.flatMap(({ instructions }) => instructions);
  expect(new Set(words).size).toBe(words.length);
});
