import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '@transfusion/modality-image';
import golden from '../golden/images.json' with { type: 'json' };
import { peakSignalToNoise } from './peak-signal-to-noise.js';
import { structuralSimilarity } from './structural-similarity.js';

interface WrittenImage {
  readonly width: number;
  readonly height: number;
  readonly base64: string;
}

const image = ({ width, height, base64 }: WrittenImage): RgbImage => ({
  width,
  height,
  data: new Uint8Array(Buffer.from(base64, 'base64')),
});

const gray = (width: number, height: number, value = 0): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(value),
});

describe.each(golden)('$name', ({ a, b, ...expected }) => {
  it('has the PSNR of scikit-image', () => {
    expect(peakSignalToNoise(image(a), image(b))).toBeCloseTo(expected.peakSignalToNoise, 10);
  });

  it('has the SSIM of scikit-image', () => {
    expect(structuralSimilarity(image(a), image(b))).toBeCloseTo(expected.structuralSimilarity, 10);
  });
});

it('is known for one gray against another', () => {
  // A squared error of 10² everywhere: 10 log10(255² / 100).
  expect(peakSignalToNoise(gray(3, 2, 50), gray(3, 2, 60))).toBeCloseTo(28.1308, 4);
  // Without structure only the luminance term is left: (2 · 50 · 60 + C1) / (50² + 60² + C1).
  const C1 = (0.01 * 255) ** 2;
  expect(structuralSimilarity(gray(12, 11, 50), gray(12, 11, 60))).toBeCloseTo((6000 + C1) / (6100 + C1), 12);
});

it('is best for equal images, and the same both ways', () => {
  const image = fc
    .uint8Array({ minLength: 12 * 13 * 3, maxLength: 12 * 13 * 3 })
    .map((data): RgbImage => ({ width: 12, height: 13, data }));
  fc.assert(
    fc.property(image, image, (a, b) => {
      expect(peakSignalToNoise(a, a)).toBe(Infinity);
      expect(structuralSimilarity(a, a)).toBeCloseTo(1, 10);
      expect(structuralSimilarity(a, b)).toBeCloseTo(structuralSimilarity(b, a), 12);
      expect(structuralSimilarity(a, b)).toBeLessThanOrEqual(1 + 1e-12);
      expect(peakSignalToNoise(a, b)).toBe(peakSignalToNoise(b, a));
    }),
    { numRuns: 20 },
  );
});

describe.each([peakSignalToNoise, structuralSimilarity])('%o', (score) => {
  it('refuses images of two sizes', () => {
    expect(() => score(gray(12, 13), gray(13, 12))).toThrow(
      `${score.name}: the second image has 13 × 12 pixels, expected 12 × 13, the size of the first. Resize it`,
    );
  });

  it('refuses values that are not images', () => {
    const broken = { ...gray(12, 12), data: new Uint8Array(5) };
    expect(() => score(gray(12, 12), broken)).toThrow(`${score.name}: the second image is not an RgbImage`);
  });
});

it('says that an image is smaller than the window', () => {
  expect(() => structuralSimilarity(gray(64, 10), gray(64, 10))).toThrow(
    'the images have 64 × 10 pixels, expected at least 11 × 11',
  );
});
