/**
 * Structural similarity at several scales (Wang et al. 2003, "Multi-scale structural similarity for image quality
 * assessment"): a perceptual distance that needs no network.
 */
import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import { checkComparable } from './compared-pair.js';
import { halvePlane, planeOf, planeSimilarity, WINDOW } from './image-plane.js';
import { checkWindowFits } from './structural-similarity.js';

/** Exponents of the scales, from the finest one on, as measured with viewers (section 3.2). */
const EXPONENTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/** Options of {@link multiScaleSimilarity}. */
export interface MultiScaleSimilarityOptions {
  /**
   * 1 to 5; defaults to as many as fit: all five from 176 pixels on, three for 64. With fewer than five, their exponents are
   * scaled to the same sum, so compare only images of one size.
   */
  readonly numScales?: number;
}

/**
 * Computes the multi-scale structural similarity of two images of equal size (equation 7): the product of contrast and
 * structure at each scale and of luminance at the coarsest one, each averaged over positions, negative ones set to 0; then
 * the mean over channels. From 0 to 1, which means equal images.
 *
 * Equals `ms_ssim` of pytorch-msssim with `data_range=255`, for sides that can be halved. An odd row or column is dropped.
 *
 * @throws TransfusionError `mismatch` for images of different sizes, `invalid-argument` for images smaller than the window
 *   of 11 pixels, or too small for `numScales`
 */
export function multiScaleSimilarity(
  a: RgbImage,
  b: RgbImage,
  { numScales }: MultiScaleSimilarityOptions = {},
): number {
  checkComparable('multiScaleSimilarity', a, b);
  checkWindowFits('multiScaleSimilarity', a);
  const side = Math.min(a.width, a.height);
  const maxScales = EXPONENTS.filter((_, scale) => Math.floor(side / 2 ** scale) >= WINDOW).length;
  const count = numScales ?? maxScales;
  if (!Number.isInteger(count) || count < 1 || count > maxScales) {
    throw new TransfusionError(
      'invalid-argument',
      `multiScaleSimilarity: numScales is ${count}, expected 1 to ${maxScales}, for images of ${a.width} × ${a.height} ` +
        `pixels and a window of ${WINDOW}.`,
    );
  }
  const exponents = EXPONENTS.slice(0, count);
  const scaling = sum(EXPONENTS) / sum(exponents);
  const channels = [0, 1, 2].map((channel) => {
    let [x, y] = [planeOf(a, channel), planeOf(b, channel)];
    return exponents.reduce((product, exponent, scale) => {
      if (scale > 0) [x, y] = [halvePlane(x), halvePlane(y)];
      const { similarity, contrastStructure } = planeSimilarity(x, y);
      const value = scale === count - 1 ? similarity : contrastStructure;
      return product * Math.max(0, value) ** (exponent * scaling);
    }, 1);
  });
  return (channels[0] + channels[1] + channels[2]) / 3;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value);
}
