import type { RgbImage } from '@transfusion/modality-image';
import { checkComparable } from './compared-pair.js';

/**
 * Computes the peak signal-to-noise ratio of two images of equal size, in decibels: 10 · log10(255² / mean
 * squared error over all pixels and channels). Higher is more similar, Infinity for equal images.
 *
 * @throws TransfusionError `mismatch` for images of different sizes
 */
export function peakSignalToNoise(a: RgbImage, b: RgbImage): number {
  checkComparable('peakSignalToNoise', a, b);
  let squares = 0;
  for (let i = 0; i < a.data.length; i++) squares += (a.data[i] - b.data[i]) ** 2;
  return 10 * Math.log10((255 ** 2 * a.data.length) / squares);
}
