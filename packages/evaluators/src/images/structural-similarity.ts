/**
 * Structural similarity (Wang et al. 2004, "Image quality assessment: from error visibility to structural
 * similarity").
 */
import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import { checkComparable } from './compared-pair.js';

/** Side of the Gaussian window, and its standard deviation (section III-B). */
const WINDOW = 11;
const SIGMA = 1.5;
/** (K · L)² with K1 = 0.01, K2 = 0.03 and L = 255. */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

const gaussian = normalize(
  Array.from({ length: WINDOW }, (_, i) => Math.exp(-((i - (WINDOW - 1) / 2) ** 2) / (2 * SIGMA ** 2))),
);

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
  const { width, height } = a;
  if (width < WINDOW || height < WINDOW) {
    throw new TransfusionError(
      'invalid-argument',
      `structuralSimilarity: the images have ${width} × ${height} pixels, expected at least ` +
        `${WINDOW} × ${WINDOW}, the size of the window. Use larger images.`,
    );
  }
  const channels = [0, 1, 2].map((channel) => meanSimilarity(plane(a, channel), plane(b, channel)));
  return (channels[0] + channels[1] + channels[2]) / 3;
}

/** A channel of an image, or values computed from it for each pixel; row-major. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

function plane({ width, height, data }: RgbImage, channel: number): Plane {
  return {
    width,
    height,
    data: Float64Array.from({ length: width * height }, (_, i) => data[i * 3 + channel]),
  };
}

/** Computes equation 13, averaged over the positions of the window. */
function meanSimilarity(x: Plane, y: Plane): number {
  const meanX = blur(x).data;
  const meanY = blur(y).data;
  const meanXX = blur(product(x, x)).data;
  const meanYY = blur(product(y, y)).data;
  const meanXY = blur(product(x, y)).data;
  let sum = 0;
  for (let i = 0; i < meanX.length; i++) {
    const [mx, my] = [meanX[i], meanY[i]];
    const varianceX = meanXX[i] - mx * mx;
    const varianceY = meanYY[i] - my * my;
    const covariance = meanXY[i] - mx * my;
    sum +=
      ((2 * mx * my + C1) * (2 * covariance + C2)) /
      ((mx * mx + my * my + C1) * (varianceX + varianceY + C2));
  }
  return sum / meanX.length;
}

function product(x: Plane, y: Plane): Plane {
  return { ...x, data: x.data.map((value, i) => value * y.data[i]) };
}

/** Computes the Gaussian mean at each position where the full window fits. */
function blur({ width, height, data }: Plane): Plane {
  const columns = width - WINDOW + 1;
  const rows = height - WINDOW + 1;
  const across = new Float64Array(columns * height);
  for (let i = 0; i < across.length; i++) {
    const start = Math.floor(i / columns) * width + (i % columns);
    for (let k = 0; k < WINDOW; k++) across[i] += gaussian[k] * data[start + k];
  }
  const result = new Float64Array(columns * rows);
  for (let i = 0; i < result.length; i++) {
    for (let k = 0; k < WINDOW; k++) result[i] += gaussian[k] * across[i + k * columns];
  }
  return { width: columns, height: rows, data: result };
}

function normalize(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight);
  return weights.map((weight) => weight / sum);
}
