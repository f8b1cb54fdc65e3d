/** Precision and recall of generated samples by nearest neighbors (Kynkäänniemi et al. 2019). */
import { TransfusionError } from '@transfusion/errors';
import { checkVectors } from './check-vectors.js';
import { innerProducts, type FeatureVectors } from './inner-products.js';

/** Precision and recall, sample by sample. */
export interface PrecisionRecall {
  /** Share of generated vectors among the real ones. */
  readonly precision: number;
  /** Share of real vectors among the generated ones. */
  readonly recall: number;
  /** True for each generated vector that is nearer to a real one than that one's k-th neighbor. */
  readonly isRealistic: readonly boolean[];
  /** True for each real vector that is nearer to a generated one than that one's k-th neighbor. */
  readonly isCovered: readonly boolean[];
}

/** Vectors of one set that are compared at a time. */
const BLOCK = 1000;

/**
 * Computes precision and recall by k-nearest neighbors: the share of vectors of one set that lie in one of the balls
 * around the vectors of the other, which reach to their k-th neighbors (Kynkäänniemi et al. 2019, equations 1 to 3).
 *
 * @param k defaults to 3
 * @throws TransfusionError `invalid-argument` for k or fewer vectors in a set, a k below 1, or elements that are not
 *   finite; `mismatch` for vectors of different lengths
 */
export function precisionRecall(real: FeatureVectors, generated: FeatureVectors, k = 3): PrecisionRecall {
  if (!Number.isInteger(k) || k < 1) {
    throw new TransfusionError(
      'invalid-argument',
      `precisionRecall: k is ${k}, expected a positive integer.`,
    );
  }
  checkVectors('precisionRecall', real, generated, k + 1);
  const isRealistic = areNear(generated, real, radii(real, k));
  const isCovered = areNear(real, generated, radii(generated, k));
  return { precision: shareOf(isRealistic), recall: shareOf(isCovered), isRealistic, isCovered };
}

/** Computes the squared distance of each vector to its k-th neighbor. */
function radii(vectors: FeatureVectors, k: number): Float64Array {
  return Float64Array.from(
    rowsOfDistances(vectors, vectors, (distances, index) => {
      distances[index] = 0;
      return distances.sort()[k];
    }),
  );
}

function areNear(vectors: FeatureVectors, centers: FeatureVectors, squares: Float64Array): boolean[] {
  return rowsOfDistances(vectors, centers, (distances) =>
    distances.some((distance, center) => distance <= squares[center]),
  );
}

/** Calls `take` with the squared distances of each vector to all centers. */
function rowsOfDistances<Result>(
  vectors: FeatureVectors,
  centers: FeatureVectors,
  take: (distances: Float64Array, index: number) => Result,
): Result[] {
  const [squares, centerSquares] = [vectors, centers].map((set) => set.map(squaredNorm));
  const results: Result[] = [];
  for (let start = 0; start < vectors.length; start += BLOCK) {
    const block = vectors.slice(start, start + BLOCK);
    const products = innerProducts(block, centers);
    for (let row = 0; row < block.length; row++) {
      const distances = products.subarray(row * centers.length, (row + 1) * centers.length);
      for (let i = 0; i < distances.length; i++) {
        distances[i] = Math.max(0, squares[start + row] + centerSquares[i] - 2 * distances[i]);
      }
      results.push(take(distances, start + row));
    }
  }
  return results;
}

function squaredNorm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] ** 2;
  return sum;
}

function shareOf(flags: readonly boolean[]): number {
  return flags.filter(Boolean).length / flags.length;
}
