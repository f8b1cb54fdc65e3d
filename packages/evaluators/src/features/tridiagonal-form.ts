/** Reduction of symmetric matrices to tridiagonal form by Householder reflections, in blocks (Dongarra, Sorensen & Hammarling 1989). */
import { addTransposedProduct } from './transposed-product.js';

/** A symmetric tridiagonal matrix. */
export interface Tridiagonal {
  /** [D]. */
  readonly diagonal: Float64Array;
  /** [D]: element i is between i and i + 1; the last is 0. */
  readonly offDiagonal: Float64Array;
}

/** Reflections between two updates of the rest of the matrix. */
const BLOCK = 32;

/** Reduces a symmetric matrix [D, D] to one with the same eigenvalues. The upper triangle is read, and overwritten. */
export function tridiagonalForm(A: Float64Array, D: number): Tridiagonal {
  const diagonal = new Float64Array(D);
  const offDiagonal = new Float64Array(D);
  for (let start = 0; start < D; start += BLOCK) {
    const end = Math.min(start + BLOCK, D);
    // Row k of V is a reflection vector; A is to become A - Vᵀ W - Wᵀ V.
    const V = new Float64Array((end - start) * D);
    const W = new Float64Array((end - start) * D);
    for (let row = start; row < end; row++) {
      const numBefore = row - start;
      const current = A.subarray(row * D, (row + 1) * D);
      for (let k = 0; k < numBefore; k++) {
        addScaled(current, row, W.subarray(k * D, (k + 1) * D), -V[k * D + row]);
        addScaled(current, row, V.subarray(k * D, (k + 1) * D), -W[k * D + row]);
      }
      diagonal[row] = current[row];
      if (row === D - 1) break;
      const v = V.subarray(numBefore * D, (numBefore + 1) * D);
      const w = W.subarray(numBefore * D, (numBefore + 1) * D);
      const { tau, beta } = reflection(current, row + 1, v);
      offDiagonal[row] = beta;
      multiplySymmetric(A, D, row + 1, v, w);
      for (let k = 0; k < numBefore; k++) {
        const [vk, wk] = [V.subarray(k * D, (k + 1) * D), W.subarray(k * D, (k + 1) * D)];
        const [byW, byV] = [dot(wk, v, row + 1), dot(vk, v, row + 1)];
        addScaled(w, row + 1, vk, -byW);
        addScaled(w, row + 1, wk, -byV);
      }
      for (let i = row + 1; i < D; i++) w[i] *= tau;
      addScaled(w, row + 1, v, (-tau / 2) * dot(w, v, row + 1));
    }
    const options = { rows: end - start, scale: -1, from: end, upperOnly: true };
    addTransposedProduct(A, V, W, options);
    addTransposedProduct(A, W, V, options);
  }
  return { diagonal, offDiagonal };
}

/** Writes the vector v, with v[from] = 1, of the reflection I - tau v vᵀ that maps x[from..] to (beta, 0, 0, …). */
function reflection(x: Float64Array, from: number, v: Float64Array): { tau: number; beta: number } {
  const head = x[from];
  let squares = 0;
  for (let i = from + 1; i < x.length; i++) squares += x[i] * x[i];
  v[from] = 1;
  if (squares === 0) return { tau: 0, beta: head };
  const norm = Math.sqrt(head * head + squares);
  const beta = head > 0 ? -norm : norm;
  for (let i = from + 1; i < x.length; i++) v[i] = x[i] / (head - beta);
  return { tau: (beta - head) / beta, beta };
}

/** Writes y = A v for the rows and columns from `from` on: reads each element above the diagonal once, four rows at a time. */
function multiplySymmetric(A: Float64Array, D: number, from: number, v: Float64Array, y: Float64Array): void {
  let i = from;
  for (; i + 4 <= D; i += 4) {
    for (let row = i; row < i + 4; row++) multiplyRow(A, D, row, i + 4, v, y);
    const [at0, at1, at2, at3] = [i * D, (i + 1) * D, (i + 2) * D, (i + 3) * D];
    const v0 = v[i];
    const v1 = v[i + 1];
    const v2 = v[i + 2];
    const v3 = v[i + 3];
    let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
    for (let j = i + 4; j < D; j++) {
      const a0 = A[at0 + j];
      const a1 = A[at1 + j];
      const a2 = A[at2 + j];
      const a3 = A[at3 + j];
      const vj = v[j];
      sum0 += a0 * vj;
      sum1 += a1 * vj;
      sum2 += a2 * vj;
      sum3 += a3 * vj;
      y[j] += a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3;
    }
    y[i] += sum0;
    y[i + 1] += sum1;
    y[i + 2] += sum2;
    y[i + 3] += sum3;
  }
  for (; i < D; i++) multiplyRow(A, D, i, D, v, y);
}

/** Adds what row i contributes to A v up to column `end`: by its elements, and by those that mirror them. */
function multiplyRow(
  A: Float64Array,
  D: number,
  i: number,
  end: number,
  v: Float64Array,
  y: Float64Array,
): void {
  let sum = A[i * D + i] * v[i];
  for (let j = i + 1; j < end; j++) {
    sum += A[i * D + j] * v[j];
    y[j] += A[i * D + j] * v[i];
  }
  y[i] += sum;
}

function addScaled(to: Float64Array, from: number, vector: Float64Array, scale: number): void {
  for (let i = from; i < to.length; i++) to[i] += scale * vector[i];
}

function dot(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
