/** Kernel distance of two sets of features; with Inception features, the KID (Bińkowski et al. 2018). */
import { TransfusionError } from '@transfusion/errors';
import { createRng } from '@transfusion/nn/rng';
import { checkVectors } from './check-vectors.js';
import { innerProducts, type FeatureVectors } from './inner-products.js';

/** Options of {@link kernelDistanceOfSubsets}. */
export interface KernelDistanceOptions {
  /** Vectors of each set in a subset; defaults to half of the smaller set, at most 1000. */
  readonly subsetSize?: number;
  /** Defaults to 100. */
  readonly numSubsets?: number;
  /** Defaults to 0. */
  readonly seed?: number;
}

/** A kernel distance. */
export interface KernelDistance {
  /** Mean of the subsets. */
  readonly value: number;
  /** Confidence interval of 95 %; absent if a subset is a whole set. */
  readonly interval?: readonly [low: number, high: number];
}

/** Sets of up to this size have the kernel of all pairs computed once. */
const MAX_WHOLE = 2000;

/**
 * Computes the squared maximum mean discrepancy, without bias, under the kernel (x · y / D + 1)³ (Bińkowski et al. 2018,
 * section 4): 0 on average for sets of one distribution, so that it may be negative.
 *
 * @throws TransfusionError `invalid-argument` for fewer than two vectors in a set, or elements that are not finite;
 *   `mismatch` for vectors of different lengths
 */
export function kernelDistance(a: FeatureVectors, b: FeatureVectors): number {
  checkVectors('kernelDistance', a, b, 2);
  return distanceOf(kernels(a, b), range(a.length), range(b.length));
}

/**
 * Computes the mean {@link kernelDistance} of random subsets, which takes less memory for large sets, with an interval by
 * the delete-d jackknife (Shao & Wu 1989).
 *
 * @throws TransfusionError like {@link kernelDistance}, and `invalid-argument` for options out of range
 */
export function kernelDistanceOfSubsets(
  a: FeatureVectors,
  b: FeatureVectors,
  options: KernelDistanceOptions = {},
): KernelDistance {
  checkVectors('kernelDistanceOfSubsets', a, b, 2);
  const smaller = Math.min(a.length, b.length);
  const { numSubsets = 100, seed = 0 } = options;
  const { subsetSize = Math.min(1000, Math.max(2, Math.floor(smaller / 2))) } = options;
  checkInteger('subsetSize', subsetSize, 2, smaller);
  checkInteger('numSubsets', numSubsets, 2, Infinity);
  const rng = createRng(seed).fork('subsets');
  const whole = Math.max(a.length, b.length) <= MAX_WHOLE ? kernels(a, b) : undefined;
  const distances = Array.from({ length: numSubsets }, () => {
    const [ofA, ofB] = [a, b].map(({ length }) => sample(rng.uniforms(length), subsetSize));
    if (whole !== undefined) return distanceOf(whole, ofA, ofB);
    const subset = kernels(
      ofA.map((i) => a[i]),
      ofB.map((i) => b[i]),
    );
    return distanceOf(subset, range(subsetSize), range(subsetSize));
  });
  const value = distances.reduce((sum, distance) => sum + distance, 0) / numSubsets;
  if (subsetSize === smaller) return { value };
  const variance = distances.reduce((sum, distance) => sum + (distance - value) ** 2, 0) / numSubsets;
  const halfWidth = 1.96 * Math.sqrt((subsetSize / (smaller - subsetSize)) * variance);
  return { value, interval: [value - halfWidth, value + halfWidth] };
}

/** Kernels of all pairs: [M, M], [N, N] and [M, N]. */
interface Kernels {
  readonly withinA: Float64Array;
  readonly withinB: Float64Array;
  readonly between: Float64Array;
}

function kernels(a: FeatureVectors, b: FeatureVectors): Kernels {
  const D = a[0].length;
  const cubed = (products: Float64Array): Float64Array => products.map((product) => (product / D + 1) ** 3);
  return {
    withinA: cubed(innerProducts(a, a)),
    withinB: cubed(innerProducts(b, b)),
    between: cubed(innerProducts(a, b)),
  };
}

function distanceOf(
  { withinA, withinB, between }: Kernels,
  ofA: readonly number[],
  ofB: readonly number[],
): number {
  const M = Math.sqrt(withinA.length);
  const N = Math.sqrt(withinB.length);
  const [numA, numB] = [ofA.length, ofB.length];
  return (
    sumOfPairs(withinA, M, ofA) / (numA * (numA - 1)) +
    sumOfPairs(withinB, N, ofB) / (numB * (numB - 1)) -
    (2 * ofA.reduce((sum, i) => sum + ofB.reduce((rowSum, j) => rowSum + between[i * N + j], 0), 0)) /
      (numA * numB)
  );
}

/** Sums the kernels of different vectors. */
function sumOfPairs(kernel: Float64Array, size: number, indices: readonly number[]): number {
  let sum = 0;
  for (const i of indices) {
    for (const j of indices) if (i !== j) sum += kernel[i * size + j];
  }
  return sum;
}

/** Chooses indices without replacement: those of the smallest numbers. */
function sample(uniforms: ArrayLike<number>, count: number): number[] {
  return range(uniforms.length)
    .sort((i, j) => uniforms[i] - uniforms[j])
    .slice(0, count);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const upTo = max === Infinity ? '' : ` to ${max} (the size of the smaller set)`;
  throw new TransfusionError(
    'invalid-argument',
    `kernelDistanceOfSubsets: ${name} is ${value}, expected an integer from ${min}${upTo}.`,
  );
}
