import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { extendCanvas, fillMasked, keepKnown, latentMask, pixelMask, type PixelMask } from './image-edits.js';
import { resizeImage } from './image-files.js';
import type { RgbImage } from './rgb-image.js';

/** `'..#'`: `#` is masked. */
function maskOf(...rows: string[]): PixelMask {
  const data = Uint8Array.from(rows.join(''), (pixel) => (pixel === '#' ? 255 : 0));
  return { width: rows[0].length, height: rows.length, data };
}

/** Rows of `.` (known) and `#`, of the first channel. */
function rowsOf(known: Uint8Array, [h, w, C]: readonly [number, number, number]): string[] {
  return Array.from({ length: h }, (_, i) =>
    Array.from({ length: w }, (__, j) => (known[(i * w + j) * C] === 1 ? '.' : '#')).join(''),
  );
}

function numbered(width: number, height: number): RgbImage {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => i) };
}

describe('latentMask', () => {
  it('marks a position as known only if all its pixels are', () => {
    const mask = maskOf('....', '...#', '....', '....');
    expect(rowsOf(latentMask(mask, [2, 2, 1]), [2, 2, 1])).toEqual(['.#', '..']);
    expect([...latentMask(mask, [2, 2, 3])]).toEqual([1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    expect(rowsOf(latentMask(mask, [4, 4, 1]), [4, 4, 1])).toEqual(['....', '...#', '....', '....']);
    expect([...latentMask(mask, [1, 1, 2])]).toEqual([0, 0]);
  });

  it('treats 128 and more as masked', () => {
    const mask = { width: 4, height: 1, data: Uint8Array.of(0, 127, 128, 255) };
    expect([...latentMask(mask, [1, 4, 1])]).toEqual([1, 1, 0, 0]);
  });

  it('includes partly overlapping pixels, and supports grids larger than the image', () => {
    expect(rowsOf(latentMask(maskOf('..#.', '....', '....', '....'), [3, 3, 1]), [3, 3, 1])).toEqual([
      '.##',
      '...',
      '...',
    ]);
    expect(rowsOf(latentMask(maskOf('.#', '..'), [4, 4, 1]), [4, 4, 1])).toEqual([
      '..##',
      '..##',
      '....',
      '....',
    ]);
  });

  it('center-crops, as codecs do', async () => {
    const wide = maskOf('#....#', '......');
    expect(rowsOf(latentMask(wide, [2, 2, 1]), [2, 2, 1])).toEqual(['..', '..']);
    expect(rowsOf(latentMask(maskOf('.#...#', '......'), [1, 2, 1]), [1, 2, 1])).toEqual(['#.']);
    // What resizing makes of the same pixels as an image.
    const { data } = await resizeImage({ ...wide, data: imageBytes(wide) }, 2, 2);
    expect([...data]).toEqual(new Array<number>(12).fill(0));
  });

  it('marks everything as known without a mask, and nothing with a full one, for any sizes', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(side, side, side, side, (width, height, h, w) => {
        const mask = (value: number) => ({
          width,
          height,
          data: new Uint8Array(width * height).fill(value),
        });
        expect(latentMask(mask(0), [h, w, 1])).toEqual(new Uint8Array(h * w).fill(1));
        expect(latentMask(mask(255), [h, w, 1])).toEqual(new Uint8Array(h * w));
      }),
    );
  });

  it('refuses other shapes and masks that are too short', () => {
    expect(() => latentMask(maskOf('..'), [1, 2])).toThrow(
      'latentMask: the latent shape is [1, 2], expected [h, w, C].',
    );
    expect(() => latentMask({ width: 2, height: 2, data: new Uint8Array(3) }, [2, 2, 1])).toThrow(
      'the mask has 3 bytes, expected 4 for 2x2 pixels',
    );
  });
});

it('pixelMask: light pixels are masked', () => {
  const data = Uint8Array.of(0, 0, 0, 255, 255, 255, 100, 101, 99, 255, 0, 0);
  expect(pixelMask({ width: 2, height: 2, data })).toEqual({
    width: 2,
    height: 2,
    data: Uint8Array.of(0, 255, 100, 85),
  });
});

describe('extendCanvas', () => {
  it('repeats the nearest pixels around the image', () => {
    const { image, mask } = extendCanvas(numbered(2, 1), { left: 1, bottom: 1 });
    expect(image).toMatchObject({ width: 3, height: 2 });
    const row = [0, 1, 2, 0, 1, 2, 3, 4, 5];
    expect([...image.data]).toEqual([...row, ...row]);
    expect([...mask.data]).toEqual([255, 0, 0, 255, 255, 255]);
  });

  it('shifts and crops', () => {
    const shifted = extendCanvas(numbered(3, 1), { left: -1, right: 1 });
    expect([...shifted.image.data]).toEqual([3, 4, 5, 6, 7, 8, 6, 7, 8]);
    expect([...shifted.mask.data]).toEqual([0, 0, 255]);
    const cropped = extendCanvas(numbered(3, 1), { left: -1, right: -1 });
    expect([...cropped.image.data]).toEqual([3, 4, 5]);
    expect([...cropped.mask.data]).toEqual([0]);
    expect(extendCanvas(numbered(2, 2), {}).image).toEqual(numbered(2, 2));
  });

  it.each([{ left: -3 }, { left: -2, right: -1 }, { top: -1, bottom: 4 }, { left: 0.5 }, { right: NaN }])(
    'refuses %j',
    (extension) => {
      expect(() => extendCanvas(numbered(3, 1), extension)).toThrow(
        /^extendCanvas: left .* around an image of 3x1, expected integers that keep a part/,
      );
    },
  );
});

describe('fillMasked', () => {
  it('replaces masked pixels by the nearest known one', () => {
    const { data } = fillMasked(numbered(3, 2), maskOf('.##', '##.'));
    expect([...data]).toEqual([0, 1, 2, 0, 1, 2, 15, 16, 17, 0, 1, 2, 15, 16, 17, 15, 16, 17]);
    expect(fillMasked(numbered(2, 1), maskOf('..'))).toEqual(numbered(2, 1));
  });

  it('does not depend on masked pixels', () => {
    const mask = maskOf('..#.', '.##.', '...#');
    const painted = numbered(4, 3);
    mask.data.forEach((value, i) => value > 0 && painted.data.fill(77, 3 * i, 3 * i + 3));
    expect(fillMasked(painted, mask)).toEqual(fillMasked(numbered(4, 3), mask));
    expect(fillMasked(painted, maskOf('####', '####', '####')).data.every((value) => value === 255)).toBe(
      true,
    );
  });

  it('refuses a mask of a different size', () => {
    expect(() => fillMasked(numbered(2, 2), maskOf('..'))).toThrow(
      'fillMasked: the mask has 2x1 pixels, expected 2x2',
    );
  });
});

describe('keepKnown', () => {
  it('puts known pixels back and leaves generated ones', () => {
    const [generated, original] = [{ ...numbered(2, 2), data: new Uint8Array(12).fill(99) }, numbered(2, 2)];
    expect([...keepKnown(generated, original, maskOf('.#', '#.')).data]).toEqual([
      0, 1, 2, 99, 99, 99, 99, 99, 99, 9, 10, 11,
    ]);
    // A larger mask: one masked pixel among those that a pixel of the image stands for is enough.
    expect([
      ...keepKnown(generated, original, maskOf('....', '...#', '....', '....')).data.slice(0, 6),
    ]).toEqual([0, 1, 2, 99, 99, 99]);
  });

  it('refuses images of different sizes', () => {
    expect(() => keepKnown(numbered(2, 2), numbered(2, 1), maskOf('.'))).toThrow(
      'keepKnown: the original has 2x1 pixels, expected 2x2, the size of the generated image. Resize the original',
    );
  });
});

function imageBytes({ data }: PixelMask): Uint8Array {
  return Uint8Array.from({ length: data.length * 3 }, (_, i) => data[Math.floor(i / 3)]);
}
