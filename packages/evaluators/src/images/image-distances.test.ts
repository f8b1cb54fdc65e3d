import { describe, expect, it } from 'vitest';
import type { RgbImage } from '@transfusion/modality-image';
import golden from '../golden/image-pairs.json' with { type: 'json' };
import { multiScaleSimilarity } from './multi-scale-similarity.js';
import { perceptualDistance, type FeatureMap } from './perceptual-distance.js';
import { structuralSimilarity } from './structural-similarity.js';

/** The image of the golden script: bands, blocks, and noise. */
function madeImage(width: number, height: number, noise: number): RgbImage {
  const data = Uint8ClampedArray.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / (3 * width)), i % 3];
    const base = 40 + ((x * 3 + y * 2 + c * 30) % 90) + ((Math.floor(x / 16) + Math.floor(y / 16)) % 2) * 70;
    return base + ((((i * i) % 1009) * 31 + i * 7) % (2 * noise + 1)) - noise;
  });
  return { width, height, data: new Uint8Array(data.buffer) };
}

describe('multiScaleSimilarity', () => {
  it.each(golden.multiScale)(
    'has the value of pytorch-msssim, $width × $height, $numScales scales',
    ({ width, height, noises, numScales, value }) => {
      // Its window is in single precision.
      const [a, b] = noises.map((noise) => madeImage(width, height, noise));
      expect(multiScaleSimilarity(a, b, { numScales })).toBeCloseTo(value, 5);
    },
  );

  it('takes as many scales as fit', () => {
    const [a, b] = [madeImage(64, 80, 0), madeImage(64, 80, 8)];
    expect(multiScaleSimilarity(a, b)).toBe(multiScaleSimilarity(a, b, { numScales: 3 }));
    expect(multiScaleSimilarity(a, a)).toBeCloseTo(1, 12);
  });

  it('is near single-scale SSIM for a single scale', () => {
    const [a, b] = [madeImage(12, 11, 0), madeImage(12, 11, 20)];
    // Not equal: the exponents add up to 1.0001.
    expect(multiScaleSimilarity(a, b)).toBeCloseTo(structuralSimilarity(a, b), 3);
  });

  it.each([0, 4, 1.5])('refuses %d scales of 64 pixels', (numScales) => {
    const image = madeImage(64, 70, 0);
    expect(() => multiScaleSimilarity(image, image, { numScales })).toThrow(
      `multiScaleSimilarity: numScales is ${numScales}, expected 1 to 3, for images of 64 × 70 pixels`,
    );
  });

  it('refuses images of two sizes, and small ones', () => {
    const [a, b] = [madeImage(12, 12, 0), madeImage(10, 12, 0)];
    expect(() => multiScaleSimilarity(a, b)).toThrow('multiScaleSimilarity: the second image has 10 × 12');
    expect(() => multiScaleSimilarity(b, b)).toThrow('the images have 10 × 12 pixels, expected at least 11');
  });
});

describe('perceptualDistance', () => {
  const [a, b] = [madeImage(4, 4, 0), madeImage(4, 4, 9)];
  const layersOf =
    (first: readonly FeatureMap[], second: readonly FeatureMap[]) => async (image: RgbImage) =>
      image === a ? first : second;
  const map = (shape: readonly number[], values: readonly number[]): FeatureMap => ({
    shape: shape as unknown as FeatureMap['shape'],
    data: Float32Array.from(values),
  });

  it.each(golden.perceptual)('is LPIPS of the features, set %#', async ({ shapes, value, ...given }) => {
    const maps = [given.a, given.b].map((side) => side.map((values, i) => map(shapes[i], values)));
    const weights = given.weights ?? undefined;
    expect(await perceptualDistance(layersOf(maps[0], maps[1]), a, b, { weights })).toBeCloseTo(value, 6);
    expect(await perceptualDistance(layersOf(maps[0], maps[0]), a, b, { weights })).toBe(0);
  });

  it.each<[readonly FeatureMap[], readonly FeatureMap[], number[][] | undefined, string]>([
    [[], [], undefined, 'found 0 and 0 feature maps and weights of 0, expected equal numbers, at least one'],
    [[map([1, 1, 1], [1])], [], undefined, 'found 1 and 0 feature maps'],
    [[map([1, 1, 2], [1, 2])], [map([1, 2, 1], [1, 2])], undefined, 'depth 0 has features [1, 1, 2] of 2'],
    [
      [map([1, 1, 2], [1, 2])],
      [map([1, 1, 2], [1, 2])],
      [[1]],
      'depth 0 has features [1, 1, 2] of 2 elements and [1, 1, 2] of 2 and 1 weights',
    ],
    [[map([1, 1, 2], [1])], [map([1, 1, 2], [1])], undefined, 'depth 0 has features [1, 1, 2] of 1 elements'],
    [[map([1, 1, 1], [NaN])], [map([1, 1, 1], [1])], undefined, 'the distance of depth 0 is NaN'],
  ])('refuses features that do not fit, %#', async (first, second, weights, message) => {
    await expect(perceptualDistance(layersOf(first, second), a, b, { weights })).rejects.toThrow(
      `perceptualDistance: ${message}`,
    );
  });
});
