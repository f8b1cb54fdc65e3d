/** Fréchet distance of two Gaussians; with Inception features, the FID (Heusel et al. 2017). */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { TransfusionError } from '@transfusion/errors';
import type { FeatureStatistics } from './feature-statistics.js';

/**
 * Computes |μ₁ - μ₂|² + Tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½) (Heusel et al. 2017, equation 6): 0 for equal statistics,
 * larger for less similar sets.
 *
 * Distances are only comparable for the same network and the same number of images, so report both. Small
 * sets overestimate the distance.
 *
 * @throws TransfusionError `mismatch` for features of different lengths
 */
export function frechetDistance(a: FeatureStatistics, b: FeatureStatistics): number {
  checkStatistics(a, b);
  const D = a.mean.length;
  let distance = 0;
  for (let i = 0; i < D; i++) {
    distance += (a.mean[i] - b.mean[i]) ** 2 + a.covariance[i * D + i] + b.covariance[i * D + i];
  }
  // Rounding can make it negative for equal statistics.
  return Math.max(0, distance - 2 * traceOfRoot(a, b));
}

/**
 * Computes Tr (Σ₁ Σ₂)^½ without the square root of a nonsymmetric matrix: Σ₁ Σ₂ has the eigenvalues of the
 * symmetric R Σ₂ Rᵀ, where Rᵀ R = Σ₁. With the eigenvectors V and eigenvalues Λ of Σ₁, R = Λ^½ Vᵀ. Directions
 * without variance (with fewer images than features) are dropped.
 */
function traceOfRoot(a: FeatureStatistics, b: FeatureStatistics): number {
  const root = rootOf(covarianceMatrix(a));
  if (root.rows === 0) return 0;
  const product = root.mmul(covarianceMatrix(b)).mmul(root.transpose());
  return eigen(product).realEigenvalues.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}

/** Computes R with Rᵀ R = matrix, with one row for each eigenvalue above the rounding error. */
function rootOf(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = eigen(matrix);
  const roundingError = Math.max(...realEigenvalues) * matrix.rows * Number.EPSILON;
  const indices = realEigenvalues.flatMap((value, i) => (value > roundingError ? [i] : []));
  const root = new Matrix(indices.length, matrix.columns);
  indices.forEach((index, row) => {
    const scale = Math.sqrt(realEigenvalues[index]);
    for (let column = 0; column < matrix.columns; column++) {
      root.set(row, column, scale * eigenvectorMatrix.get(column, index));
    }
  });
  return root;
}

function eigen(matrix: Matrix): EigenvalueDecomposition {
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
}

function covarianceMatrix({ mean, covariance }: FeatureStatistics): Matrix {
  return Matrix.from1DArray(mean.length, mean.length, covariance);
}

function checkStatistics(a: FeatureStatistics, b: FeatureStatistics): void {
  for (const { mean, covariance } of [a, b]) {
    if (covariance.length === mean.length ** 2) continue;
    throw new TransfusionError(
      'invalid-argument',
      `frechetDistance: a covariance has ${covariance.length} elements, expected ${mean.length ** 2} ` +
        `(${mean.length} features squared).`,
    );
  }
  if (a.mean.length === b.mean.length) return;
  throw new TransfusionError(
    'mismatch',
    `frechetDistance: the statistics have ${a.mean.length} and ${b.mean.length} features, expected equal numbers. ` +
      'Use features of one network.',
  );
}
