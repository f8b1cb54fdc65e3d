import { TransfusionError } from '@transfusion/errors';

/** Mean and covariance of feature vectors of `D` elements: all that {@link frechetDistance} needs of a set. */
export interface FeatureStatistics {
  /** Number of vectors. */
  readonly count: number;
  /** [D]. */
  readonly mean: Float64Array;
  /** [D, D], row by row; of the sample (divided by count - 1), as NumPy's `cov`. */
  readonly covariance: Float64Array;
}

/** Takes feature vectors one by one and keeps only their statistics. */
export interface FeatureStatisticsAccumulator {
  /** Number of vectors added. */
  readonly count: number;
  /**
   * Adds one vector. The first one sets the length of all.
   *
   * @throws TransfusionError `mismatch` for another length, `invalid-argument` if it is empty or not finite
   */
  add(features: ArrayLike<number>): void;
  /**
   * Returns the statistics so far; vectors added later do not change them.
   *
   * @throws TransfusionError `invalid-argument` for fewer than two vectors
   */
  result(): FeatureStatistics;
}

/** Accumulates mean and covariance in double precision, in one pass (Welford 1962). */
export function featureStatistics(): FeatureStatisticsAccumulator {
  let count = 0;
  let mean = new Float64Array();
  let delta = new Float64Array();
  /** Sums of products of deviations; only the columns from the diagonal on. */
  let scatter = new Float64Array();

  const start = (dimensions: number): void => {
    if (dimensions === 0) throw wrong('a vector has no elements, expected one or more');
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
    if (count < 2) throw wrong(`there are ${count} vectors, expected two or more`);
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
      `featureStatistics: vector ${index} has ${features.length} elements, expected ${expected} as the first. ` +
        'Take all from one network.',
    );
  }
  for (let i = 0; i < expected; i++) {
    if (!Number.isFinite(features[i])) {
      throw wrong(`element ${i} of vector ${index} is ${features[i]}, expected a finite one`);
    }
  }
}

function wrong(problem: string): TransfusionError {
  return new TransfusionError('invalid-argument', `featureStatistics: ${problem}.`);
}
