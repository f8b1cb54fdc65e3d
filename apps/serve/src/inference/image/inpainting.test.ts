import { withKnownPixels } from '@transfusion/pipelines';
import { expect, it } from 'vitest';
import { inSize } from './inpainting.js';

function pattern(width: number, height: number, factor: number) {
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * factor) % 251),
  };
}

it.each([
  [40, 40],
  [61, 37],
  [23, 90],
  [8, 8],
])('inSize gives an inpainting of %i x %i the same result', async (width, height) => {
  const mask = { width, height, data: new Uint8Array(width * height) };
  // A rectangle that is not aligned to anything.
  for (let y = 3; y < 7; y++) mask.data.fill(255, y * width + 2, y * width + 6);
  const whole = { image: pattern(width, height, 7), mask };
  const generated = pattern(16, 12, 5);
  const small = await inSize(whole, generated);
  expect(small.image).toMatchObject({ width: 16, height: 12 });
  expect(await withKnownPixels(generated, small)).toEqual(await withKnownPixels(generated, whole));
});
