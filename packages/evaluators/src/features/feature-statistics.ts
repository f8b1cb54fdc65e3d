import { TransfusionError } from '@transfusion/errors';

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

/** Creates an accumulator of mean and covariance in double precision, in one pass (Welford 1962). */
export function featureStatistics(): FeatureStatisticsAccumulator {
  let count = 0;
  let mean = new Float64Array();
  let delta = new Float64Array();
  /** Sums of products of deviations; upper triangle only. */
  let scatter = new Float64Array();

  const start = (dimensions: number): void => {
    if (dimensions === 0) throw invalidArgument('a vector has no elements, expected at least one');
    mean = new Float64Array(dimensions);
    delta = new Float64Array(dimensions);
    scatter = new Float64Array(dimensions ** 2);
  };

  const add = (features: ArrayLike<number>): void => {
    if (count === 0) start(features.length);
    const D = mean.length;
    checkVector(features, D, count);
    count++;
    for (let i = 0; i < D; i++) {
      delta[i] = features[i] - mean[i];
      mean[i] += delta[i] / count;
    }
    for (let i = 0; i < D; i++) {
      const scaled = (delta[i] * (count - 1)) / count;
      for (let j = i, at = i * D + i; j < D; j++, at++) scatter[at] += scaled * delta[j];
    }
  };

  const result = (): FeatureStatistics => {
    if (count < 2) throw invalidArgument(`found ${count} vectors, expected at least two`);
    const D = mean.length;
    const covariance = new Float64Array(D ** 2);
    for (let i = 0; i < D; i++) {
      for (let j = i; j < D; j++) {
        covariance[i * D + j] = covariance[j * D + i] = scatter[i * D + j] / (count - 1);
      }
    }
    return { count, mean: mean.slice(), covariance };
  };

  return {
    get count() {
      return count;
    },
    add,
    result,
  };
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
