/** Weights that fit best, and the root mean square of what is left. */
export interface LeastSquares {
  readonly weights: number[];
  readonly error: number;
}

/**
 * Finds the weights of columns whose sum is nearest to a target, by orthogonalization (modified Gram-Schmidt). Columns that
 * depend on earlier ones have weight 0.
 */
export function leastSquares(columns: readonly Float64Array[], target: Float64Array): LeastSquares {
  const residual = Float64Array.from(target);
  /** Orthonormal columns, each with its combination of the given ones. */
  const basis: { readonly column: Float64Array; readonly weights: Float64Array }[] = [];
  const total = new Float64Array(columns.length);
  columns.forEach((original, k) => {
    const column = Float64Array.from(original);
    const weights = new Float64Array(columns.length);
    weights[k] = 1;
    // Twice, for precision.
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const projection = dot(other.column, column);
        subtract(column, other.column, projection);
        subtract(weights, other.weights, projection);
      }
    }
    const length = Math.sqrt(dot(column, column));
    if (length <= DEPENDENT * Math.sqrt(dot(original, original))) return;
    basis.push({ column: column.map((x) => x / length), weights: weights.map((x) => x / length) });
  });
  for (const { column, weights } of basis) {
    const projection = dot(column, residual);
    subtract(residual, column, projection);
    subtract(total, weights, -projection);
  }
  return { weights: [...total], error: Math.sqrt(dot(residual, residual) / residual.length) };
}

/** Relative length of what a column adds to others below which it is rounding of float32. */
const DEPENDENT = 1e-5;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function subtract(from: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i++) from[i] -= times * what[i];
}
