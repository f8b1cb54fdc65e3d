import { addTransposedProduct } from './transposed-product.js';

/** Feature vectors of equal lengths. */
export type FeatureVectors = readonly ArrayLike<number>[];

/** Computes the inner products of all pairs of vectors: M and N of them -> [M, N]. */
export function innerProducts(a: FeatureVectors, b: FeatureVectors): Float64Array {
  const D = a[0].length;
  const products = new Float64Array(a.length * b.length);
  const columnsOfA = columns(a, D);
  addTransposedProduct(products, columnsOfA, a === b ? columnsOfA : columns(b, D), { rows: D });
  return products;
}

/** Returns vectors as the columns of a matrix: [D, N]. */
function columns(vectors: FeatureVectors, D: number): Float64Array {
  const N = vectors.length;
  const data = new Float64Array(D * N);
  vectors.forEach((vector, column) => {
    for (let row = 0; row < D; row++) data[row * N + column] = vector[row];
  });
  return data;
}
