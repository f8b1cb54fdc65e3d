/** Distance of images in the features of a network (LPIPS, Zhang et al. 2018, https://arxiv.org/abs/1801.03924). */
import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import { checkComparable } from './compared-pair.js';

/** Features of an image at one depth of a network. */
export interface FeatureMap {
  /** [h, w, C]. */
  readonly shape: readonly [h: number, w: number, C: number];
  /** Row-major. */
  readonly data: Float32Array;
}

/** Computes features of an image at several depths. */
export type FeatureLayers = (image: RgbImage) => Promise<readonly FeatureMap[]>;

/** Options of {@link perceptualDistance}. */
export interface PerceptualDistanceOptions {
  /** Weights of the channels of each depth, such as those of LPIPS; by default all are 1. */
  readonly weights?: readonly ArrayLike<number>[];
}

/** Avoids a division by the length of a zero vector. */
const EPSILON = 1e-10;

/**
 * Computes the perceptual distance of two images of equal size (equation 1): features are scaled to unit length at each
 * position; squared differences are weighted, summed over channels, averaged over positions and summed over depths. 0 for
 * equal features. Only comparable for the same network.
 *
 * @throws TransfusionError `mismatch` for images of different sizes, or features or weights that do not fit;
 *   `invalid-plugin` for features that are not finite
 */
export async function perceptualDistance(
  layers: FeatureLayers,
  a: RgbImage,
  b: RgbImage,
  { weights }: PerceptualDistanceOptions = {},
): Promise<number> {
  checkComparable('perceptualDistance', a, b);
  const left = await layers(a);
  const right = await layers(b);
  checkCounts(left, right, weights);
  return left.reduce((sum, map, depth) => sum + depthDistance(depth, map, right[depth], weights?.[depth]), 0);
}

function depthDistance(depth: number, a: FeatureMap, b: FeatureMap, weights?: ArrayLike<number>): number {
  checkMaps(depth, a, b, weights);
  const [h, w, C] = a.shape;
  let sum = 0;
  for (let start = 0; start < a.data.length; start += C) {
    const [scaleA, scaleB] = [a, b].map(({ data }) => {
      let squares = 0;
      for (let c = 0; c < C; c++) squares += data[start + c] ** 2;
      return 1 / (Math.sqrt(squares) + EPSILON);
    });
    for (let c = 0; c < C; c++) {
      const difference = a.data[start + c] * scaleA - b.data[start + c] * scaleB;
      sum += (weights?.[c] ?? 1) * difference ** 2;
    }
  }
  if (Number.isFinite(sum)) return sum / (h * w);
  throw new TransfusionError(
    'invalid-plugin',
    `perceptualDistance: the distance of depth ${depth} is ${sum}, expected a finite number. Check the features for NaN.`,
  );
}

function checkCounts(
  left: readonly FeatureMap[],
  right: readonly FeatureMap[],
  weights: readonly ArrayLike<number>[] | undefined,
): void {
  const numWeights = weights?.length ?? left.length;
  if (left.length > 0 && left.length === right.length && numWeights === left.length) return;
  throw new TransfusionError(
    'mismatch',
    `perceptualDistance: found ${left.length} and ${right.length} feature maps and weights of ${numWeights}, expected ` +
      'equal numbers, at least one.',
  );
}

function checkMaps(
  depth: number,
  a: FeatureMap,
  b: FeatureMap,
  weights: ArrayLike<number> | undefined,
): void {
  const [h, w, C] = a.shape;
  const fits =
    String(a.shape) === String(b.shape) &&
    [a, b].every(({ data }) => data.length === h * w * C && h * w * C > 0);
  if (fits && (weights === undefined || weights.length === C)) return;
  throw new TransfusionError(
    'mismatch',
    `perceptualDistance: depth ${depth} has features [${a.shape.join(', ')}] of ${a.data.length} elements and ` +
      `[${b.shape.join(', ')}] of ${b.data.length}${weights === undefined ? '' : ` and ${weights.length} weights`}, ` +
      'expected equal shapes [h, w, C], and a weight per channel.',
  );
}
