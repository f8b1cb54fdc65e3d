import { createRng } from '@transfusion/nn/rng';
import { describe, expect, test } from 'vitest';
import { semidefiniteFactor } from './semidefinite-factor.js';
import { symmetricEigenvalues } from './symmetric-eigenvalues.js';
import { addTransposedProduct } from './transposed-product.js';

const normals = (seed: number, count: number): Float64Array =>
  Float64Array.from(createRng(seed).normals(count));

/** The plain reference: Aᵀ B of [K, M] and [K, N]. */
function transposedProduct(a: Float64Array, b: Float64Array, K: number): Float64Array {
  const [M, N] = [a.length / K, b.length / K];
  return Float64Array.from({ length: M * N }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += a[k * M + Math.floor(at / N)] * b[k * N + (at % N)];
    return sum;
  });
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

describe('products in tiles', () => {
  test.each([
    [300, 9, 6],
    [1, 4, 4],
    [257, 13, 13],
    [5, 1, 3],
  ])('of [%i, %i] and [%i] columns are the plain ones', (K, M, N) => {
    const [a, b] = [normals(1, K * M), normals(2, K * N)];
    const into = new Float64Array(M * N).fill(1);
    addTransposedProduct(into, a, b, { rows: K, scale: -2 });
    const expected = transposedProduct(a, b, K).map((value) => 1 - 2 * value);
    expect(largestDifference(into, expected)).toBeLessThan(1e-11);
  });

  test('leave alone what is before `from`', () => {
    const [K, D, from] = [7, 11, 5];
    const a = normals(3, K * D);
    const into = new Float64Array(D * D);
    addTransposedProduct(into, a, a, { rows: K, from, upperOnly: true });
    const expected = transposedProduct(a, a, K);
    for (let i = 0; i < D; i++) {
      for (let j = i; j < D; j++) {
        expect(into[i * D + j]).toBeCloseTo(i < from ? 0 : expected[i * D + j], 11);
      }
    }
  });
});

describe.each([
  [1, 1],
  [5, 5],
  [150, 150],
  [150, 40],
  [70, 0],
])('a matrix of %i rows and rank %i', (D, rank) => {
  const rows = normals(4, D * rank);
  const matrix = rank === 0 ? new Float64Array(D * D) : transposedProduct(rows, rows, rank);

  test('has a factor of that rank', () => {
    const factor = semidefiniteFactor(matrix, D);
    expect(factor.rank).toBe(rank);
    if (rank === 0) return;
    const transposed = Float64Array.from({ length: D * rank }, (_, at) => {
      const [row, column] = [Math.floor(at / D), at % D];
      return factor.data[column * rank + row];
    });
    expect(largestDifference(transposedProduct(transposed, transposed, rank), matrix)).toBeLessThan(
      1e-11 * D,
    );
  });

  test('has eigenvalues with its trace and the squares of its elements, as many zeros as its rank lacks', () => {
    const eigenvalues = symmetricEigenvalues(matrix.slice(), D).sort();
    const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
    const trace = Array.from({ length: D }, (_, i) => matrix[i * D + i]).reduce((a, b) => a + b, 0);
    expect(sum(eigenvalues)).toBeCloseTo(trace, 8);
    const squares = sum(matrix.map((x) => x * x));
    expect(Math.abs(sum(eigenvalues.map((x) => x * x)) - squares)).toBeLessThanOrEqual(1e-12 * squares);
    for (const value of eigenvalues.subarray(0, D - rank)) expect(Math.abs(value)).toBeLessThan(1e-9);
    if (rank > 0) expect(eigenvalues[D - rank]).toBeGreaterThan(1e-6);
  });
});

test('eigenvalues are known: of a path of springs, 2 - 2 cos(π k / (D + 1))', () => {
  const D = 70;
  const matrix = new Float64Array(D * D);
  for (let i = 0; i < D; i++) {
    matrix[i * D + i] = 2;
    if (i + 1 < D) matrix[i * D + i + 1] = matrix[(i + 1) * D + i] = -1;
  }
  const expected = Float64Array.from(
    { length: D },
    (_, k) => 2 - 2 * Math.cos((Math.PI * (k + 1)) / (D + 1)),
  );
  // The same matrix in another order of its rows and columns is full, so that it has to be reduced.
  const order = Array.from({ length: D }, (_, i) => (i * 29) % D);
  const shuffled = Float64Array.from(
    matrix,
    (_, at) => matrix[order[Math.floor(at / D)] * D + order[at % D]],
  );
  for (const m of [matrix, shuffled]) {
    expect(largestDifference(symmetricEigenvalues(m.slice(), D).sort(), expected.sort())).toBeLessThan(1e-13);
  }
});

test('refuses a matrix with elements that are not finite', () => {
  expect(() => symmetricEigenvalues(new Float64Array(9).fill(NaN), 3)).toThrow(
    'symmetricEigenvalues: eigenvalue 0 of 3 does not converge, expected finite elements',
  );
});
