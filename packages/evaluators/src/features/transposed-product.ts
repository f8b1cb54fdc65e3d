/** Products of large matrices in double precision, in tiles that stay in registers and caches (Goto & van de Geijn 2008). */

/** Options of {@link addTransposedProduct}. */
export interface TransposedProductOptions {
  /** Number of rows K of both factors. */
  readonly rows: number;
  /** Factor of the product; defaults to 1. */
  readonly scale?: number;
  /** First row and column of the result that is computed; defaults to 0. */
  readonly from?: number;
  /** Computes the diagonal and what is above it, for a symmetric product; by default everything. */
  readonly upperOnly?: boolean;
}

/** Side of the tiles that are summed in registers. */
const TILE = 4;
/** Rows of both factors at a time: two panels of them fit in the first cache. */
const DEPTH = 256;

/** Adds scale · Aᵀ B to `into`: [K, M] and [K, N] -> [M, N], in row-major order. */
export function addTransposedProduct(
  into: Float64Array,
  a: Float64Array,
  b: Float64Array,
  { rows, scale = 1, from = 0, upperOnly = false }: TransposedProductOptions,
): void {
  const [M, N] = [a.length / rows, b.length / rows];
  const tile = new Float64Array(TILE * TILE);
  for (let start = 0; start < rows; start += DEPTH) {
    const depth = Math.min(DEPTH, rows - start);
    const left = packPanels(a, start, depth, M, from);
    const right = a === b ? left : packPanels(b, start, depth, N, from);
    for (let i = from, p = 0; i < M; i += TILE, p++) {
      for (let j = upperOnly ? i : from, q = upperOnly ? p : 0; j < N; j += TILE, q++) {
        multiplyPanels(left[p], right[q], tile);
        const [height, width] = [Math.min(TILE, M - i), Math.min(TILE, N - j)];
        for (let row = 0; row < height; row++) {
          for (let column = 0, at = (i + row) * N + j; column < width; column++, at++) {
            into[at] += scale * tile[row * TILE + column];
          }
        }
      }
    }
  }
}

/** Copies columns, {@link TILE} of them side by side: [depth, TILE] each, zeros beyond the last. */
function packPanels(
  matrix: Float64Array,
  start: number,
  depth: number,
  columns: number,
  from: number,
): Float64Array[] {
  return Array.from({ length: Math.ceil((columns - from) / TILE) }, (_, index) => {
    const panel = new Float64Array(depth * TILE);
    const first = from + index * TILE;
    const width = Math.min(TILE, columns - first);
    for (let k = 0; k < depth; k++) {
      const at = (start + k) * columns + first;
      for (let column = 0; column < width; column++) panel[k * TILE + column] = matrix[at + column];
    }
    return panel;
  });
}

/** Computes Aᵀ B of two panels. The 16 sums are local variables, so that they are kept in registers. */
function multiplyPanels(a: Float64Array, b: Float64Array, tile: Float64Array): void {
  let [c00, c01, c02, c03] = [0, 0, 0, 0];
  let [c10, c11, c12, c13] = [0, 0, 0, 0];
  let [c20, c21, c22, c23] = [0, 0, 0, 0];
  let [c30, c31, c32, c33] = [0, 0, 0, 0];
  for (let k = 0; k < a.length; k += TILE) {
    const a0 = a[k];
    const a1 = a[k + 1];
    const a2 = a[k + 2];
    const a3 = a[k + 3];
    const b0 = b[k];
    const b1 = b[k + 1];
    const b2 = b[k + 2];
    const b3 = b[k + 3];
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
    c23 += a2 * b3;
    c30 += a3 * b0;
    c31 += a3 * b1;
    c32 += a3 * b2;
    c33 += a3 * b3;
  }
  tile[0] = c00;
  tile[1] = c01;
  tile[2] = c02;
  tile[3] = c03;
  tile[4] = c10;
  tile[5] = c11;
  tile[6] = c12;
  tile[7] = c13;
  tile[8] = c20;
  tile[9] = c21;
  tile[10] = c22;
  tile[11] = c23;
  tile[12] = c30;
  tile[13] = c31;
  tile[14] = c32;
  tile[15] = c33;
}
