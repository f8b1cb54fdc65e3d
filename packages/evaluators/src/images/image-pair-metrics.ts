/** Metrics of pairs of images. */
import type { Metric } from '../contract/evaluator.js';
import { meanMetric } from '../contract/mean-metric.js';

/** Result of a pair. */
export type ImagePairResult = {
  /** Over all pixels and channels, of values from 0 to 255. */
  readonly meanSquaredError: number;
  readonly structuralSimilarity: number;
  readonly perceptualDistance: number;
  /** Over the pixels in the mask, if there is one. */
  readonly maskedSquaredError?: number;
};

/** Peak signal-to-noise ratio of equal images, which would be infinite. */
const MAX_DECIBELS = 100;

/** Returns the means over images. */
export function imagePairMetrics(
  results: readonly ImagePairResult[],
  distanceName: string,
): readonly Metric[] {
  const inMask = results.flatMap(({ maskedSquaredError }) => maskedSquaredError ?? []);
  return [
    meanMetric(
      'PSNR',
      results.map(({ meanSquaredError }) => decibels(meanSquaredError)),
      {
        betterIs: 'higher',
        unit: 'dB',
      },
    ),
    ...(inMask.length === 0
      ? []
      : [meanMetric('PSNR in the mask', inMask.map(decibels), { betterIs: 'higher', unit: 'dB' })]),
    meanMetric(
      'SSIM',
      results.map(({ structuralSimilarity }) => structuralSimilarity),
      { betterIs: 'higher' },
    ),
    meanMetric(
      distanceName,
      results.map(({ perceptualDistance }) => perceptualDistance),
      { betterIs: 'lower' },
    ),
  ];
}

function decibels(meanSquaredError: number): number {
  return Math.min(MAX_DECIBELS, 10 * Math.log10(255 ** 2 / meanSquaredError));
}
