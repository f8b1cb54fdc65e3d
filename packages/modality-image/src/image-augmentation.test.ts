import { describe, expect, it } from 'vitest';
import { createRng } from '@transfusion/nn';
import { randomAffine, randomTint } from './image-augmentation.js';
import { resizeImage } from './image-files.js';
import type { RgbImage } from './rgb-image.js';

/** A black square of `inner` pixels in the middle of a white one. */
function square(side: number, inner: number): RgbImage {
  const data = new Uint8Array(side * side * 3).fill(255);
  const from = (side - inner) / 2;
  for (let y = from; y < from + inner; y++)
    data.fill(0, (y * side + from) * 3, (y * side + from + inner) * 3);
  return { width: side, height: side, data };
}

/** Darkness from 0 to 1 of the pixels, added up, and where its center is. */
function darkness({ width, height, data }: RgbImage) {
  const sums = { mass: 0, x: 0, y: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dark = 1 - data[(y * width + x) * 3] / 255;
      sums.mass += dark;
      sums.x += dark * (x - (width - 1) / 2);
      sums.y += dark * (y - (height - 1) / 2);
    }
  }
  return { mass: sums.mass, x: sums.x / sums.mass, y: sums.y / sums.mass };
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

describe('randomAffine', () => {
  const image = square(32, 12);
  const over = (options: Parameters<typeof randomAffine>[2]) =>
    seeds.map((seed) => randomAffine(image, createRng(seed), options));

  it('returns an image unchanged without ranges', () => {
    for (const moved of over({})) expect(moved).toEqual(image);
    const noise = {
      width: 3,
      height: 2,
      data: createRng(1)
        .uniforms(18)
        .map((value) => value * 256),
    };
    const bytes = { ...noise, data: Uint8Array.from(noise.data) };
    expect(randomAffine(bytes, createRng(0), {})).toEqual(bytes);
  });

  it('translates by up to a fraction of the size', () => {
    const centers = over({ translate: 0.125 }).map(darkness);
    for (const { mass, x, y } of centers) {
      expect(mass).toBeCloseTo(144, 0);
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThan(4.01);
    }
    expect(Math.max(...centers.map(({ x }) => x))).toBeGreaterThan(2.5);
    expect(Math.min(...centers.map(({ y }) => y))).toBeLessThan(-2.5);
  });

  it('scales, and stretches each side independently', () => {
    const masses = over({ scale: [0.5, 1.5] }).map((moved) => darkness(moved).mass / 144);
    for (const mass of masses) expect(mass).toBeGreaterThan(0.2);
    for (const mass of masses) expect(mass).toBeLessThan(2.3);
    expect(Math.min(...masses)).toBeLessThan(0.4);
    expect(Math.max(...masses)).toBeGreaterThan(1.9);
    const sides = over({ stretch: 0.5 }).map(({ data }) => {
      const isDark = (x: number, y: number): boolean => data[(y * 32 + x) * 3] < 128;
      const count = (dark: (i: number) => boolean) =>
        Array.from({ length: 32 }, (_, i) => dark(i)).filter(Boolean).length;
      return [count((i) => isDark(i, 16)), count((i) => isDark(16, i))];
    });
    expect(sides.some(([across, along]) => across > along + 4)).toBe(true);
    expect(sides.some(([across, along]) => along > across + 4)).toBe(true);
  });

  it('rotates in both directions, by up to the maximum angle', () => {
    // Of a bar that lies on its side, the ends rise or fall.
    const bar = square(33, 1);
    for (let x = 4; x < 29; x++) bar.data.fill(0, (16 * 33 + x) * 3, (16 * 33 + x) * 3 + 3);
    const rises = seeds.map((seed) => {
      const { data } = randomAffine(bar, createRng(seed), { degrees: 30 });
      const column = (x: number) => {
        const darks = Array.from({ length: 33 }, (_, y) => 255 - data[(y * 33 + x) * 3]);
        return darks.reduce((sum, dark, y) => sum + dark * y, 0) / darks.reduce((sum, dark) => sum + dark, 0);
      };
      return (Math.atan2(column(24) - column(8), 16) * 180) / Math.PI;
    });
    for (const rise of rises) expect(Math.abs(rise)).toBeLessThan(31);
    expect(Math.min(...rises)).toBeLessThan(-20);
    expect(Math.max(...rises)).toBeGreaterThan(20);
  });

  it('shows the same at a different size', async () => {
    const half = randomAffine(image, createRng(0), { size: [16, 16] });
    const expected = await resizeImage(image, 16, 16);
    expect([half.width, half.height]).toEqual([16, 16]);
    expect(Math.abs(darkness(half).mass - darkness(expected).mass)).toBeLessThan(3);
    expect(darkness(half).x).toBeCloseTo(0, 1);
    const black = { width: 4, height: 4, data: new Uint8Array(48) };
    expect(randomAffine(black, createRng(0), { size: [12, 8] }).data.every((value) => value === 0)).toBe(
      true,
    );
  });

  it('is determined by the seed', () => {
    const options = { degrees: 20, translate: 0.2, scale: [0.7, 1.2], stretch: 0.1 } as const;
    const [one, same, other] = [1, 1, 2].map((seed) => randomAffine(image, createRng(seed), options));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('throws for invalid ranges', () => {
    const moved = (options: Parameters<typeof randomAffine>[2]) => () =>
      randomAffine(image, createRng(0), options);
    expect(moved({ translate: -1 })).toThrow('translate is -1');
    expect(moved({ degrees: NaN })).toThrow('degrees is NaN');
    expect(moved({ scale: [1.2, 0.8] })).toThrow('scale is 1.2 to 0.8');
    expect(moved({ stretch: 1 })).toThrow('stretch is 1');
    expect(moved({ size: [0, 4] })).toThrow('size is 0x4');
  });
});

describe('randomTint', () => {
  it('changes the darkness of each channel by up to the strength; white stays white', () => {
    const gray = { width: 2, height: 1, data: Uint8Array.of(155, 155, 155, 255, 255, 255) };
    const tinted = seeds.map((seed) => [...randomTint(gray, createRng(seed), 0.2).data]);
    for (const [r, g, b, ...white] of tinted) {
      expect(white).toEqual([255, 255, 255]);
      for (const value of [r, g, b]) expect(Math.abs(value - 155)).toBeLessThanOrEqual(20);
    }
    expect(tinted.some(([r, g]) => r > g + 15)).toBe(true);
    expect(Math.min(...tinted.map(([r]) => r))).toBeLessThan(142);
  });

  it('stays in the range of bytes', () => {
    const black = { width: 1, height: 1, data: Uint8Array.of(0, 0, 0) };
    const values = seeds.flatMap((seed) => [...randomTint(black, createRng(seed), 1).data]);
    expect(Math.min(...values)).toBe(0);
    expect(Math.max(...values)).toBeGreaterThan(200);
  });

  it('throws for an invalid strength', () => {
    expect(() => randomTint(square(2, 0), createRng(0), 1.5)).toThrow(
      'strength is 1.5, expected a number from 0 to 1',
    );
  });
});
