/** Eigenvalues of symmetric matrices, without their vectors: tridiagonal form, then the QL algorithm. */
import { TransfusionError } from '@transfusion/errors';
import { tridiagonalForm, type Tridiagonal } from './tridiagonal-form.js';

/** Steps of the QL algorithm for an eigenvalue, at most; two or three are usual. */
const MAX_STEPS = 60;

/**
 * Computes the eigenvalues of a symmetric matrix, in no particular order: [D, D] -> [D]. The upper triangle is read, and
 * overwritten.
 *
 * @throws TransfusionError `invalid-argument` for a matrix with elements that are not finite
 */
export function symmetricEigenvalues(matrix: Float64Array, D: number): Float64Array {
  return tridiagonalEigenvalues(tridiagonalForm(matrix, D));
}

/** Implicit QL algorithm with Wilkinson's shift (Dubrulle, Martin & Wilkinson 1968); overwrites its arrays. */
function tridiagonalEigenvalues({ diagonal, offDiagonal }: Tridiagonal): Float64Array {
  const D = diagonal.length;
  // The rounding error of the reduction. Smaller ones are out of reach among many zeros.
  const roundingError =
    Number.EPSILON *
    diagonal.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(offDiagonal[i])), 0);
  for (let first = 0; first < D; first++) {
    for (let step = 0; ; step++) {
      const last = lastOfBlock(offDiagonal, first, roundingError);
      if (last === first) break;
      if (step === MAX_STEPS) {
        throw new TransfusionError(
          'invalid-argument',
          `symmetricEigenvalues: eigenvalue ${first} of ${D} does not converge, expected finite elements.`,
        );
      }
      stepQl(diagonal, offDiagonal, first, last);
    }
  }
  return diagonal;
}

/** Finds the end of the block that begins at `first`: the next element off the diagonal that vanishes. */
function lastOfBlock(offDiagonal: Float64Array, first: number, roundingError: number): number {
  let last = first;
  while (last < offDiagonal.length - 1 && !(Math.abs(offDiagonal[last]) <= roundingError)) last++;
  return last;
}

function stepQl(diagonal: Float64Array, offDiagonal: Float64Array, first: number, last: number): void {
  const halfGap = (diagonal[first + 1] - diagonal[first]) / (2 * offDiagonal[first]);
  const radius = Math.hypot(halfGap, 1);
  const shift = diagonal[first] - offDiagonal[first] / (halfGap + (halfGap < 0 ? -radius : radius));
  let bulge = diagonal[last] - shift;
  let [cosine, sine, correction] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const rotated = sine * offDiagonal[i];
    const kept = cosine * offDiagonal[i];
    const length = Math.hypot(rotated, bulge);
    offDiagonal[i + 1] = length;
    if (length === 0) {
      diagonal[i + 1] -= correction;
      offDiagonal[last] = 0;
      return;
    }
    sine = rotated / length;
    cosine = bulge / length;
    const corner = diagonal[i + 1] - correction;
    const sum = (diagonal[i] - corner) * sine + 2 * cosine * kept;
    correction = sine * sum;
    diagonal[i + 1] = corner + correction;
    bulge = cosine * sum - kept;
  }
  diagonal[first] -= correction;
  offDiagonal[first] = bulge;
  offDiagonal[last] = 0;
}
