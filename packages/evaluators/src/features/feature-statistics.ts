import { TransfusionError } from '@transfusion/errors';
import { addTransposedProduct } from './transposed-product.js';

/** Mean and covariance of feature vectors of `D` elements, the input of {@link frechetDistance}. */
export interface FeatureStatistics {
  /** Number of vectors. */
  readonly count: number;
  /** [D]. */
  readonly mean: Float64Array;
  /** Sample covariance (divided by count - 1, like NumPy's `cov`): [D, D], row-major. */
  readonly covariance: Float64Array;
}

/** Accumulates statistics of feature vectors without storing them. */
export interface FeatureStatisticsAccumulator {
  /** Number of vectors added. */
  readonly count: number;
  /**
   * Adds a vector. The first one determines the length of all.
   *
   * @throws TransfusionError `mismatch` for a different length, `invalid-argument` if it is empty or not
   *   finite
   */
  add(features: ArrayLike<number>): void;
  /**
   * Returns the statistics so far; they do not change when more vectors are added.
   *
   * @throws TransfusionError `invalid-argument` for fewer than two vectors
   */
  result(): FeatureStatistics;
}

/** Vectors that are added to the sums together. */
const BLOCK = 256;

/** Creates an accumulator of mean and covariance in double precision, in one pass over blocks of vectors (Chan et al. 1979). */
export function featureStatistics(): FeatureStatisticsAccumulator {
  let count = 0;
  let sums: Sums = { count: 0, mean: new Float64Array(), scatter: new Float64Array() };
  /** Vectors that are not in the sums yet: [BLOCK, D]. */
  let block = new Float64Array();

  const add = (features: ArrayLike<number>): void => {
    const D = count === 0 ? features.length : sums.mean.length;
    if (D === 0) throw invalidArgument('a vector has no elements, expected at least one');
    checkVector(features, D, count);
    if (count === 0) {
      sums = { count: 0, mean: new Float64Array(D), scatter: new Float64Array(D * D) };
      block = new Float64Array(BLOCK * D);
    }
    block.set(features, (count - sums.count) * D);
    count++;
    if (count - sums.count === BLOCK) sums = withBlock(sums, block);
  };

  const result = (): FeatureStatistics => {
    if (count < 2) throw invalidArgument(`found ${count} vectors, expected at least two`);
    const D = sums.mean.length;
    const rest = block.slice(0, (count - sums.count) * D);
    const { mean, scatter } = withBlock({ ...sums, scatter: sums.scatter.slice() }, rest);
    for (let i = 0; i < D; i++) {
      for (let j = i; j < D; j++) {
        scatter[i * D + j] /= count - 1;
        scatter[j * D + i] = scatter[i * D + j];
      }
    }
    return { count, mean, covariance: scatter };
  };

  return {
    get count() {
      return count;
    },
    add,
    result,
  };
}

interface Sums {
  readonly count: number;
  readonly mean: Float64Array;
  /** Sums of products of deviations from the mean; upper triangle only. */
  readonly scatter: Float64Array;
}

/** Adds the vectors of a block; overwrites `scatter` and the block. */
function withBlock({ count, mean, scatter }: Sums, block: Float64Array): Sums {
  const D = mean.length;
  const numAdded = block.length / D;
  if (numAdded === 0) return { count, mean: mean.slice(), scatter };
  const blockMean = new Float64Array(D);
  for (let at = 0; at < block.length; at++) blockMean[at % D] += block[at] / numAdded;
  for (let at = 0; at < block.length; at++) block[at] -= blockMean[at % D];
  addTransposedProduct(scatter, block, block, { rows: numAdded, upperOnly: true });
  const total = count + numAdded;
  // Deviation of the block's mean, weighted so that its product with itself is what the two means add.
  const between = blockMean.map((value, i) => (value - mean[i]) * Math.sqrt((count * numAdded) / total));
  addTransposedProduct(scatter, between, between, { rows: 1, upperOnly: true });
  const newMean = mean.map((value, i) => value + ((blockMean[i] - value) * numAdded) / total);
  return { count: total, mean: newMean, scatter };
}

function checkVector(features: ArrayLike<number>, expected: number, index: number): void {
  if (features.length !== expected) {
    throw new TransfusionError(
      'mismatch',
      `featureStatistics: vector ${index} has ${features.length} elements, expected ${expected}, the length of the first. ` +
        'Use features of one network.',
    );
  }
  for (let i = 0; i < expected; i++) {
    if (!Number.isFinite(features[i])) {
      throw invalidArgument(`element ${i} of vector ${index} is ${features[i]}, expected a finite number`);
    }
  }
}

function invalidArgument(problem: string): TransfusionError {
  return new TransfusionError('invalid-argument', `featureStatistics: ${problem}.`);
}
