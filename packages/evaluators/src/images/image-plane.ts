/** Channels of images as arrays of numbers, and their Gaussian means: the parts of structural similarity. */
import type { RgbImage } from '@transfusion/modality-image';

/** A channel of an image, or values computed from it for each pixel; row-major. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

/** Side of the Gaussian window, and its standard deviation (Wang et al. 2004, section III-B). */
export const WINDOW = 11;
const SIGMA = 1.5;
/** (K · L)² with K1 = 0.01, K2 = 0.03 and L = 255. */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

const gaussian = normalize(
  Array.from({ length: WINDOW }, (_, i) => Math.exp(-((i - (WINDOW - 1) / 2) ** 2) / (2 * SIGMA ** 2))),
);

/** Returns a channel of an image. */
export function planeOf({ width, height, data }: RgbImage, channel: number): Plane {
  return {
    width,
    height,
    data: Float64Array.from({ length: width * height }, (_, i) => data[i * 3 + channel]),
  };
}

/**
 * Computes the structural similarity of two planes (Wang et al. 2004, equation 13), and its terms of contrast and structure
 * alone, averaged over all positions where the window fits.
 */
export function planeSimilarity(
  x: Plane,
  y: Plane,
): { readonly similarity: number; readonly contrastStructure: number } {
  const meanX = blur(x).data;
  const meanY = blur(y).data;
  const meanXX = blur(product(x, x)).data;
  const meanYY = blur(product(y, y)).data;
  const meanXY = blur(product(x, y)).data;
  let [similarity, contrastStructure] = [0, 0];
  for (let i = 0; i < meanX.length; i++) {
    const [mx, my] = [meanX[i], meanY[i]];
    const varianceX = meanXX[i] - mx * mx;
    const varianceY = meanYY[i] - my * my;
    const covariance = meanXY[i] - mx * my;
    const term = (2 * covariance + C2) / (varianceX + varianceY + C2);
    contrastStructure += term;
    similarity += (term * (2 * mx * my + C1)) / (mx * mx + my * my + C1);
  }
  return { similarity: similarity / meanX.length, contrastStructure: contrastStructure / meanX.length };
}

/** Halves both sides, by means of 2 × 2 pixels; an odd row or column at the end is dropped. */
export function halvePlane({ width, height, data }: Plane): Plane {
  const [columns, rows] = [Math.floor(width / 2), Math.floor(height / 2)];
  const result = Float64Array.from({ length: columns * rows }, (_, i) => {
    const at = 2 * Math.floor(i / columns) * width + 2 * (i % columns);
    return (data[at] + data[at + 1] + data[at + width] + data[at + width + 1]) / 4;
  });
  return { width: columns, height: rows, data: result };
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
