import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aspectBuckets } from './aspect-buckets.js';
import { image } from './image-modality.js';

it('returns shapes of similar areas, for an image modality', () => {
  const latentShapes = aspectBuckets({ area: 16 * 16, multipleOf: 4, channels: 3 });
  expect(latentShapes).toEqual([
    [16, 16, 3],
    [12, 20, 3],
    [20, 12, 3],
  ]);
  expect(image({ latentShapes, patchSize: 4 }).latentShapes).toEqual(latentShapes);
});

it('returns the buckets of large models', () => {
  // 1024 x 1024 pixels in latents of an eighth of the sides: SDXL's 1152 x 896, 1216 x 832, 1344 x 768, 1536 x 640.
  const ratios = [1, 9 / 7, 19 / 13, 7 / 4, 12 / 5];
  const shapes = aspectBuckets({ area: 128 * 128, multipleOf: 8, channels: 4, ratios });
  expect(shapes.map(([h, w]) => `${8 * w}x${8 * h}`)).toEqual([
    '1024x1024',
    '1152x896',
    '1216x832',
    '1344x768',
    '1536x640',
  ]);
});

it('deviates by at most one multiple, and is symmetric', () => {
  const sizes = fc.record({
    side: fc.integer({ min: 4, max: 64 }),
    multipleOf: fc.constantFrom(1, 2, 4),
    ratio: fc.double({ min: 0.5, max: 2, noNaN: true }),
  });
  fc.assert(
    fc.property(sizes, ({ side, multipleOf, ratio }) => {
      const area = side ** 2;
      const shapesOf = (r: number) => aspectBuckets({ area, multipleOf, channels: 3, ratios: [r] });
      const [[h, w]] = shapesOf(ratio);
      expect([h % multipleOf, w % multipleOf]).toEqual([0, 0]);
      expect(Math.abs(h - Math.sqrt(area / ratio))).toBeLessThan(multipleOf + 1e-9);
      expect(Math.abs(w - Math.sqrt(area * ratio))).toBeLessThan(multipleOf + 1e-9);
      expect(shapesOf(1 / ratio)).toEqual([[w, h, 3]]);
    }),
  );
});

it('returns no duplicates and no empty sides', () => {
  expect(aspectBuckets({ area: 16, multipleOf: 4, channels: 3, ratios: [1, 1.01, 8] })).toEqual([
    [4, 4, 3],
    [4, 12, 3],
  ]);
});

it.each([
  [{ area: 0 }, 'aspectBuckets: area is 0, expected a positive integer.'],
  [{ multipleOf: 1.5 }, 'multipleOf is 1.5'],
  [{ channels: -1 }, 'channels is -1'],
  [{ ratios: [] }, 'ratios is empty'],
  [{ ratios: [1, 0] }, 'a ratio is 0, expected a positive number'],
  [{ ratios: [Infinity] }, 'a ratio is Infinity'],
])('refuses %j', (changes, message) => {
  expect(() => aspectBuckets({ area: 256, multipleOf: 4, channels: 3, ...changes })).toThrow(message);
});
