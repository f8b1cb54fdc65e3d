/**
 * Linear regression by least squares, with a bias and a ridge term: W = (Σ x xᵀ + λI)⁻¹ Σ x yᵀ with centered x and y
 * (Hoerl & Kennard 1970).
 */
import type { Latent } from '@transfusion/modality';

/** λ relative to the mean variance of the inputs: only there for channels that are constant, or depend on each other. */
const RIDGE = 1e-6;

/** A linear map with a bias. */
export interface LinearMap {
  /** [inputs, outputs]. */
  readonly weights: readonly (readonly number[])[];
  /** [outputs]. */
  readonly bias: readonly number[];
}

/** Fits the map from input channels to output channels, over all positions of pairs [h, w, …] of one grid each. */
export function ridgeRegression(inputs: readonly Latent[], outputs: readonly Latent[]): LinearMap {
  const [x, y] = [inputs, outputs].map(measureChannels);
  const products = sumProducts(x, x);
  const variance = products.reduce((sum, row, c) => sum + row[c], 0) / products.length;
  // Above 0 even if all inputs are constant.
  const ridge = RIDGE * variance + Number.EPSILON;
  const regularized = products.map((row, c) => row.map((value, d) => (c === d ? value + ridge : value)));
  const weights = solve(regularized, sumProducts(x, y));
  const bias = y.means.map((mean, k) => weights.reduce((rest, row, c) => rest - row[k] * x.means[c], mean));
  return { weights, bias };
}

/** Latents of one number of channels, with the channels' means. */
interface Channels {
  readonly latents: readonly Latent[];
  readonly means: readonly number[];
}

function measureChannels(latents: readonly Latent[]): Channels {
  const means = new Float64Array(latents[0].shape.at(-1)!);
  const positions = latents.reduce((sum, { data }) => sum + data.length, 0) / means.length;
  for (const { data } of latents) data.forEach((value, i) => (means[i % means.length] += value / positions));
  return { latents, means: [...means] };
}

/** Sums the products of two channels' distances from their means, over all positions: [a's channels, b's channels]. */
function sumProducts(a: Channels, b: Channels): number[][] {
  const [numA, numB] = [a.means.length, b.means.length];
  const sums = Array.from({ length: numA }, () => new Array<number>(numB).fill(0));
  a.latents.forEach(({ data }, n) => {
    const other = b.latents[n].data;
    for (let i = 0; i < data.length; i++) {
      const [position, channel] = [Math.floor(i / numA), i % numA];
      const difference = data[i] - a.means[channel];
      for (let k = 0; k < numB; k++)
        sums[channel][k] += difference * (other[position * numB + k] - b.means[k]);
    }
  });
  return sums;
}

/** Solves A · X = B by elimination; without pivoting, because A is positive definite. */
function solve(A: readonly (readonly number[])[], B: readonly (readonly number[])[]): number[][] {
  const rows = A.map((row, i) => [...row, ...B[i]]);
  rows.forEach((pivotRow, pivot) => {
    const scale = pivotRow[pivot];
    pivotRow.forEach((value, k) => (pivotRow[k] = value / scale));
    rows.forEach((row, i) => {
      if (i === pivot) return;
      const factor = row[pivot];
      row.forEach((value, k) => (row[k] = value - factor * pivotRow[k]));
    });
  });
  return rows.map((row) => row.slice(A.length));
}
