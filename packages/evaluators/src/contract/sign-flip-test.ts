/** Significance of paired differences by the permutation test of their signs (Fisher 1935): exact, whatever their distribution. */
import { createRng } from '@transfusion/nn/rng';

/** Differences up to which all signs are tried; more of them are sampled. */
const MAX_EXACT = 12;

const NUM_SAMPLES = 5000;

/**
 * Computes the two-sided p-value of the mean of paired differences: the share of all assignments of signs whose mean is at
 * least as far from 0. Of n differences it is at least 2 / 2^n.
 */
export function signFlipTest(differences: readonly number[]): number {
  const sumOf = (sign: (i: number) => number): number =>
    Math.abs(differences.reduce((sum, difference, i) => sum + sign(i) * difference, 0));
  // Sums of the same numbers in other signs differ by rounding.
  const observed = sumOf(() => 1) * (1 - 1e-9);
  const n = differences.length;
  if (n <= MAX_EXACT) {
    const extreme = Array.from({ length: 2 ** n }, (_, mask) => sumOf((i) => ((mask >> i) & 1 ? -1 : 1)));
    return extreme.filter((sum) => sum >= observed).length / 2 ** n;
  }
  const rng = createRng(0).fork('sign flips');
  let numExtreme = 1;
  for (let k = 0; k < NUM_SAMPLES; k++) {
    const uniforms = rng.uniforms(n);
    if (sumOf((i) => (uniforms[i] < 0.5 ? -1 : 1)) >= observed) numExtreme++;
  }
  return numExtreme / (NUM_SAMPLES + 1);
}
