/**
 * Structural similarity (Wang et al. 2004, "Image quality assessment: from error visibility to structural
 * similarity").
 */
import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import { checkComparable } from './compared-pair.js';
import { planeOf, planeSimilarity, WINDOW } from './image-plane.js';

/**
 * Computes the mean structural similarity of two images of equal size: the mean over channels and over all
 * positions where the Gaussian window of 11 × 11 pixels fits. From -1 to 1, which means equal images.
 *
 * Equals scikit-image's `structural_similarity` with
 * `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2`.
 *
 * @throws TransfusionError `mismatch` for images of different sizes, `invalid-argument` for images smaller
 *   than the window
 */
export function structuralSimilarity(a: RgbImage, b: RgbImage): number {
  checkComparable('structuralSimilarity', a, b);
  checkWindowFits('structuralSimilarity', a);
  const channels = [0, 1, 2].map(
    (channel) => planeSimilarity(planeOf(a, channel), planeOf(b, channel)).similarity,
  );
  return (channels[0] + channels[1] + channels[2]) / 3;
}

/** @throws TransfusionError `invalid-argument` for an image smaller than the window */
export function checkWindowFits(where: string, { width, height }: RgbImage): void {
  if (width >= WINDOW && height >= WINDOW) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: the images have ${width} × ${height} pixels, expected at least ` +
      `${WINDOW} × ${WINDOW}, the size of the window. Use larger images.`,
  );
}
