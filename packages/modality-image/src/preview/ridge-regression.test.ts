import type { Latent } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { expect, it } from 'vitest';
import { ridgeRegression } from './ridge-regression.js';

const map = {
  weights: [
    [0.5, -0.25, 1],
    [0, 0.125, -2],
    [3, 0.01, 0.2],
    [-1, 1, 1],
  ],
  bias: [0.3, -0.7, 5],
};

/** Latents of two shapes, with channels of different means and deviations. */
const inputs: Latent[] = [
  [8, 8],
  [4, 6],
  [8, 8],
].map(([h, w], n) => ({
  shape: [h, w, 4],
  data: createRng(n)
    .normals(h * w * 4)
    .map((value, i) => value * [1, 0.5, 2, 1][i % 4] + [10, 0, -3, 1][i % 4]),
}));

const apply = ({ weights, bias }: typeof map, { shape: [h, w], data }: Latent): Latent => ({
  shape: [h, w, 3],
  data: Float32Array.from({ length: h * w * 3 }, (_, i) =>
    weights.reduce((sum, row, c) => sum + row[i % 3] * data[Math.floor(i / 3) * 4 + c], bias[i % 3]),
  ),
});

const close = (rows: readonly (readonly number[])[]) =>
  rows.map((row) => row.map((value) => expect.closeTo(value, 3) as number));

it('recovers a known map', () => {
  const fitted = ridgeRegression(
    inputs,
    inputs.map((latent) => apply(map, latent)),
  );
  expect(fitted.weights).toEqual(close(map.weights));
  expect([fitted.bias]).toEqual(close([map.bias]));
});

it('recovers it from noisy outputs', () => {
  const noisy = inputs.map((latent, n) => {
    const { shape, data } = apply(map, latent);
    const noise = createRng(100 + n).normals(data.length);
    return { shape, data: data.map((value, i) => value + 0.1 * noise[i]) };
  });
  const { weights } = ridgeRegression(inputs, noisy);
  weights.forEach((row, c) =>
    row.forEach((weight, k) => expect(Math.abs(weight - map.weights[c][k])).toBeLessThan(0.06)),
  );
});

it('fits constant channels, and channels that depend on each other', () => {
  const degenerate = inputs.map(({ shape, data }) => ({
    shape,
    data: data.map((_, i) => [data[i - (i % 4)], data[i - (i % 4)], 3, data[i]][i % 4]),
  }));
  const outputs = degenerate.map((latent) => apply(map, latent));
  const fitted = ridgeRegression(degenerate, outputs);
  expect(fitted.weights.slice(2, 3)).toEqual(close([[0, 0, 0]]));
  const predicted = degenerate.map((latent) => apply(fitted as typeof map, latent));
  predicted.forEach(({ data }, n) =>
    data.forEach((value, i) => expect(Math.abs(value - outputs[n].data[i])).toBeLessThan(1e-3)),
  );
});

it('fits the mean of outputs to constant inputs', () => {
  const constant = [{ shape: [1, 2, 1], data: Float32Array.of(4, 4) }];
  const outputs = [{ shape: [1, 2, 3], data: Float32Array.of(0, 1, 2, 4, 5, 6) }];
  const { weights, bias } = ridgeRegression(constant, outputs);
  expect([...weights, bias]).toEqual(
    close([
      [0, 0, 0],
      [2, 3, 4],
    ]),
  );
});
