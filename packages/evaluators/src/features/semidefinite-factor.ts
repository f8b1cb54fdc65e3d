/** Cholesky factors of matrices that need not have full rank, by blocks and with pivots (Hammarling, Higham & Lucas 2007). */
import { addTransposedProduct } from './transposed-product.js';

/** A factor L of a matrix L Lᵀ. */
export interface SemidefiniteFactor {
  /** Rank r of the matrix, in double precision. */
  readonly rank: number;
  /** L: [D, r], row-major. */
  readonly data: Float64Array;
}

/** Rows of the factor between two updates of the rest of the matrix. */
const BLOCK = 64;

/**
 * Factors a symmetric positive semidefinite matrix: [D, D] -> [D, r]. Directions without variance, which a covariance of
 * fewer vectors than features has, are left out.
 */
export function semidefiniteFactor(matrix: Float64Array, D: number): SemidefiniteFactor {
  const R = matrix.slice();
  const order = Int32Array.from({ length: D }, (_, i) => i);
  const rank = factorUpper(R, D, order);
  const data = new Float64Array(D * rank);
  for (let row = 0; row < rank; row++) {
    for (let i = row; i < D; i++) data[order[i] * rank + row] = R[row * D + i];
  }
  return { rank, data };
}

/** Overwrites the upper triangle with R, so that Rᵀ R is the matrix with its rows and columns in a new order; returns the rank. */
function factorUpper(R: Float64Array, D: number, order: Int32Array): number {
  let largest = 0;
  for (let i = 0; i < D; i++) largest = Math.max(largest, R[i * D + i]);
  const roundingError = largest * D * Number.EPSILON;
  /** Squares that the rows of this block take from the diagonal. */
  const taken = new Float64Array(D);
  for (let start = 0; start < D; start += BLOCK) {
    const end = Math.min(start + BLOCK, D);
    taken.fill(0);
    for (let row = start; row < end; row++) {
      const pivot = findPivot(R, D, taken, row);
      const square = R[pivot * D + pivot] - taken[pivot];
      if (!(square > roundingError)) return row;
      if (pivot !== row) swap(R, D, taken, order, row, pivot);
      R[row * D + row] = Math.sqrt(square);
      for (let k = start; k < row; k++) {
        const factor = R[k * D + row];
        for (let i = row + 1; i < D; i++) R[row * D + i] -= factor * R[k * D + i];
      }
      for (let i = row + 1; i < D; i++) {
        R[row * D + i] /= R[row * D + row];
        taken[i] += R[row * D + i] ** 2;
      }
    }
    const block = R.subarray(start * D, end * D);
    addTransposedProduct(R, block, block, { rows: end - start, scale: -1, from: end, upperOnly: true });
  }
  return D;
}

function findPivot(R: Float64Array, D: number, taken: Float64Array, row: number): number {
  let pivot = row;
  for (let i = row + 1; i < D; i++) {
    if (R[i * D + i] - taken[i] > R[pivot * D + pivot] - taken[pivot]) pivot = i;
  }
  return pivot;
}

/** Swaps two rows and columns of a symmetric matrix that is stored in its upper triangle. */
function swap(
  R: Float64Array,
  D: number,
  taken: Float64Array,
  order: Int32Array,
  row: number,
  pivot: number,
): void {
  for (let k = 0; k < row; k++) swapElements(R, k * D + row, k * D + pivot);
  for (let k = row + 1; k < pivot; k++) swapElements(R, row * D + k, k * D + pivot);
  for (let k = pivot + 1; k < D; k++) swapElements(R, row * D + k, pivot * D + k);
  swapElements(R, row * D + row, pivot * D + pivot);
  swapElements(taken, row, pivot);
  swapElements(order, row, pivot);
}

function swapElements(array: Float64Array | Int32Array, i: number, j: number): void {
  const value = array[i];
  array[i] = array[j];
  array[j] = value;
}
