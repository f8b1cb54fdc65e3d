/** Fréchet distance of two Gaussians; with Inception features, the FID (Heusel et al. 2017). */
import { TransfusionError } from '@transfusion/errors';
import type { FeatureStatistics } from './feature-statistics.js';
import { semidefiniteFactor } from './semidefinite-factor.js';
import { symmetricEigenvalues } from './symmetric-eigenvalues.js';
import { addTransposedProduct } from './transposed-product.js';

/** Mean and covariance, of however many vectors. */
export type GaussianStatistics = Pick<FeatureStatistics, 'mean' | 'covariance'>;

/**
 * Computes |μ₁ - μ₂|² + Tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½) (Heusel et al. 2017, equation 6): 0 for equal statistics,
 * larger for less similar sets.
 *
 * Distances are only comparable for the same network and the same number of images, so report both. Small
 * sets overestimate the distance.
 *
 * @throws TransfusionError `mismatch` for features of different lengths
 */
export function frechetDistance(a: GaussianStatistics, b: GaussianStatistics): number {
  checkStatistics(a, b);
  if (isEqual(a.mean, b.mean) && isEqual(a.covariance, b.covariance)) return 0;
  const D = a.mean.length;
  let distance = 0;
  for (let i = 0; i < D; i++) {
    distance += (a.mean[i] - b.mean[i]) ** 2 + a.covariance[i * D + i] + b.covariance[i * D + i];
  }
  // Rounding can make it negative for nearly equal statistics.
  return Math.max(0, distance - 2 * traceOfRoot(a, b));
}

/**
 * Computes Tr (Σ₁ Σ₂)^½ without the square root of a nonsymmetric matrix: Σ₁ Σ₂ has the eigenvalues of the symmetric
 * Lᵀ Σ₂ L, where L Lᵀ = Σ₁. The matrix of lower rank is factored, so that fewer eigenvalues are zeros with rounding
 * errors, of which roots are taken.
 */
function traceOfRoot(a: GaussianStatistics, b: GaussianStatistics): number {
  const D = a.mean.length;
  const [factorOfA, factorOfB] = [a, b].map(({ covariance }) => semidefiniteFactor(covariance, D));
  const { rank, data } = factorOfA.rank < factorOfB.rank ? factorOfA : factorOfB;
  if (rank === 0) return 0;
  const other = factorOfA.rank < factorOfB.rank ? b : a;
  const product = new Float64Array(D * rank);
  addTransposedProduct(product, other.covariance, data, { rows: D });
  const inner = new Float64Array(rank * rank);
  addTransposedProduct(inner, data, product, { rows: D, upperOnly: true });
  return symmetricEigenvalues(inner, rank).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, i) => value === b[i]);
}

function checkStatistics(a: GaussianStatistics, b: GaussianStatistics): void {
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
