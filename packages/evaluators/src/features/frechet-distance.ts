/** Fréchet distance of two Gaussians, the FID when features are those of Inception: Heusel et al. 2017. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { TransfusionError } from '@transfusion/errors';
import type { FeatureStatistics } from './feature-statistics.js';

/**
 * Computes |μ₁ - μ₂|² + Tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½) (Heusel et al. 2017, equation 6): 0 for equal statistics, larger
 * for sets that are less alike.
 *
 * Only distances of one network's features, and of sets of one size, can be compared: report with a distance
 * which network it is of, and of how many images. Small sets are estimated too far apart.
 *
 * @throws TransfusionError `mismatch` for features of two lengths
 */
export function frechetDistance(a: FeatureStatistics, b: FeatureStatistics): number {
  checkStatistics(a, b);
  const D = a.mean.length;
  let distance = 0;
  for (let i = 0; i < D; i++) {
    distance += (a.mean[i] - b.mean[i]) ** 2 + a.covariance[i * D + i] + b.covariance[i * D + i];
  }
  // Below zero is rounding: the distance of equal statistics is 0.
  return Math.max(0, distance - 2 * traceOfRoot(a, b));
}

/**
 * Tr (Σ₁ Σ₂)^½ without a root of a matrix that is not symmetric: Σ₁ Σ₂ has the eigenvalues of the symmetric
 * R Σ₂ Rᵀ, where Rᵀ R = Σ₁. With the eigenvectors V and eigenvalues Λ of Σ₁, R = Λ^½ Vᵀ; directions without
 * variance (fewer images than features) fall out.
 */
function traceOfRoot(a: FeatureStatistics, b: FeatureStatistics): number {
  const root = rootOf(covarianceMatrix(a));
  if (root.rows === 0) return 0;
  const product = root.mmul(covarianceMatrix(b)).mmul(root.transpose());
  return eigen(product).realEigenvalues.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}

/** R with Rᵀ R = the matrix, one row for each eigenvalue above what is rounding. */
function rootOf(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = eigen(matrix);
  const smallest = Math.max(...realEigenvalues) * matrix.rows * Number.EPSILON;
  const kept = realEigenvalues.flatMap((value, i) => (value > smallest ? [i] : []));
  const root = new Matrix(kept.length, matrix.columns);
  kept.forEach((index, row) => {
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
    `frechetDistance: the statistics are of ${a.mean.length} and of ${b.mean.length} features. ` +
      'Take both from one network.',
  );
}
