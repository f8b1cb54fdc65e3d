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

const picture = ({ width, height, base64 }: WrittenImage): RgbImage => ({
  width,
  height,
  data: new Uint8Array(Buffer.from(base64, 'base64')),
});

const grey = (width: number, height: number, value = 0): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(value),
});

describe.each(golden)('$name', ({ a, b, ...expected }) => {
  it('has the PSNR of scikit-image', () => {
    expect(peakSignalToNoise(picture(a), picture(b))).toBeCloseTo(expected.peakSignalToNoise, 10);
  });

  it('has the SSIM of scikit-image', () => {
    expect(structuralSimilarity(picture(a), picture(b))).toBeCloseTo(expected.structuralSimilarity, 10);
  });
});

it('is known for one grey against another', () => {
  // A squared error of 10² everywhere: 10 log10(255² / 100).
  expect(peakSignalToNoise(grey(3, 2, 50), grey(3, 2, 60))).toBeCloseTo(28.1308, 4);
  // Without structure only the luminance term is left: (2 · 50 · 60 + C1) / (50² + 60² + C1).
  const C1 = (0.01 * 255) ** 2;
  expect(structuralSimilarity(grey(12, 11, 50), grey(12, 11, 60))).toBeCloseTo((6000 + C1) / (6100 + C1), 12);
});

it('is best for equal pictures, and the same both ways', () => {
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
  it('refuses pictures of two sizes', () => {
    expect(() => score(grey(12, 13), grey(13, 12))).toThrow(
      `${score.name}: the first picture has 12 × 13 pixels, the second 13 × 12. Bring them to one size`,
    );
  });

  it('refuses what is no picture', () => {
    const broken = { ...grey(12, 12), data: new Uint8Array(5) };
    expect(() => score(grey(12, 12), broken)).toThrow(`${score.name}: the second picture is not an RgbImage`);
  });
});

it('says that a picture is smaller than the window', () => {
  expect(() => structuralSimilarity(grey(64, 10), grey(64, 10))).toThrow(
    'the pictures have 64 × 10 pixels, expected at least 11 × 11',
  );
});
