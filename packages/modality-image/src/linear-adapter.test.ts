import * as tf from '@transfusion/tfjs';
import { beforeAll, expect, it } from 'vitest';
import {
  countParams,
  createRng,
  flattenParams,
  mapParams,
  timestepEmbedding,
  valueAndGrad,
  type Params,
} from '@transfusion/nn';
import { linearAdapter } from './linear-adapter.js';
import { patchify } from './patches.js';

beforeAll(() => tf.setBackend('cpu'));

const D = 5;
const options = { patchSize: 2, latentChannels: 3 };
const timesteps = tf.tensor1d([10, 700]);
const latents = (h: number, w: number): tf.Tensor => {
  const values = createRng(3).normals(2 * h * w * 3);
  return tf.tensor(values, [2, h, w, 3]);
};
/** Larger than the initial values, so that every part has its effect. */
const shaken = (params: Params): Params => {
  const rng = createRng(4);
  return mapParams(params, (tensor, path) =>
    tensor.add(tf.tensor(rng.fork(path).normals(tensor.size), tensor.shape).mul(0.1)),
  );
};
const numbers = (x: tf.Tensor): number[] => [...x.dataSync()];
const far = (a: number[], b: number[]): number => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

it('adds the timestep to each patch, before the linear layer', () => {
  const adapter = linearAdapter(D, options);
  const params = shaken(adapter.init(createRng(1)));
  const { hidden, skips } = adapter.embed(params, latents(4, 6), timesteps);
  expect(hidden.shape).toEqual([2, 6, D]);
  expect(skips).toEqual([]);

  type Linear = { weight: tf.Tensor; bias: tf.Tensor };
  const { timestep, in: inward } = params as unknown as {
    timestep: Parameters<typeof timestepEmbedding>[0];
    in: Linear;
  };
  const times = timestepEmbedding(timestep, timesteps).arraySync() as number[][];
  const weight = inward.weight.arraySync() as number[][];
  const bias = numbers(inward.bias);
  const expected = (patchify(latents(4, 6), 2).arraySync() as number[][][]).flatMap((patches, n) =>
    patches.flatMap((patch) =>
      bias.map((start, d) =>
        patch.reduce((sum, value, i) => sum + (value + times[n][i]) * weight[i][d], start),
      ),
    ),
  );
  expect(far(numbers(hidden), expected)).toBeLessThan(1e-4);
  const bare = numbers(adapter.embed(params, latents(4, 6), tf.tensor1d([20, 700])).hidden);
  expect(far(bare.slice(0, 6 * D), expected.slice(0, 6 * D))).toBeGreaterThan(1e-3);
  expect(far(bare.slice(6 * D), expected.slice(6 * D))).toBeLessThan(1e-4);
});

it('projects to latents with a linear layer', () => {
  const adapter = linearAdapter(D, options);
  const params = shaken(adapter.init(createRng(1)));
  const hidden = tf.tensor3d(createRng(5).normals(2 * 6 * D), [2, 6, D]);
  const output = adapter.project(params, hidden, timesteps, [], [4, 6, 3]);
  expect(output.shape).toEqual([2, 4, 6, 3]);
  const { out } = params as unknown as { out: { weight: tf.Tensor2D; bias: tf.Tensor } };
  const expected = tf.matMul(hidden.reshape([12, D]), out.weight).add(out.bias);
  expect(far(numbers(patchify(output, 2)), numbers(expected))).toBeLessThan(1e-5);
});

it('has parameters that fit every latent shape, and are determined by the seed', () => {
  const adapter = linearAdapter(D, { ...options, positionEmbedding: 'axial' });
  const params = adapter.init(createRng(1));
  for (const [h, w] of [
    [2, 2],
    [8, 4],
  ]) {
    expect(adapter.embed(params, latents(h, w), timesteps).hidden.shape).toEqual([2, (h * w) / 4, D]);
  }
  const again = flattenParams(adapter.init(createRng(1)));
  for (const [path, tensor] of Object.entries(flattenParams(params))) {
    expect(numbers(tensor)).toEqual(numbers(again[path]));
  }
  const plain = linearAdapter(D, options).init(createRng(1));
  expect(countParams(params) - countParams(plain)).toBe(2 * 64 * D);
});

it('embeds rows and columns if enabled', () => {
  const adapter = linearAdapter(D, { ...options, positionEmbedding: 'axial' });
  const params = shaken(adapter.init(createRng(1))) as Record<string, Params>;
  const { grid, ...rest } = params;
  const { rows, columns } = grid as Record<string, tf.Tensor>;
  const plain = linearAdapter(D, options);
  const withPlaces = adapter.embed(params, latents(4, 6), timesteps).hidden;
  const without = plain.embed(rest, latents(4, 6), timesteps).hidden;
  const [byRow, byColumn] = [rows.arraySync() as number[][], columns.arraySync() as number[][]];
  const expected = [0, 1].flatMap(() =>
    [0, 1].flatMap((row) =>
      [0, 1, 2].flatMap((column) => byRow[row].map((value, d) => value + byColumn[column][d])),
    ),
  );
  expect(far(numbers(withPlaces.sub(without)), expected)).toBeLessThan(1e-5);
  expect(() => adapter.embed(params, tf.zeros([1, 2, 130, 3]), tf.tensor1d([1]))).toThrow(
    'the grid is 1 x 65 patches, expected at most 64 per side',
  );
});

it('returns small vectors at initialization', () => {
  const adapter = linearAdapter(32, options);
  const { hidden } = adapter.embed(adapter.init(createRng(1)), latents(4, 6), timesteps);
  const size = hidden.square().mean().sqrt().dataSync()[0];
  // 12 numbers of size 1, by weights of 0.02: about 0.07.
  expect(size).toBeGreaterThan(0.05);
  expect(size).toBeLessThan(0.1);
});

it('has gradients that match finite differences', () => {
  const adapter = linearAdapter(2, { patchSize: 1, latentChannels: 2, positionEmbedding: 'axial' });
  const params = shaken(adapter.init(createRng(1)));
  const x = tf.tensor(createRng(6).normals(2 * 2 * 1 * 2), [2, 2, 1, 2]);
  const lossOf = (at: Params): tf.Scalar => {
    const { hidden, skips } = adapter.embed(at, x, timesteps);
    return adapter
      .project(at, hidden.tanh() as tf.Tensor3D, timesteps, skips, [2, 1, 2])
      .square()
      .mean();
  };
  const { gradients } = valueAndGrad((at: Params) => ({ loss: lossOf(at), aux: {} }), params);
  const flat = flattenParams(gradients);
  const step = 1e-2;
  for (const [path, tensor] of Object.entries(flattenParams(params))) {
    const gradient = numbers(flat[path]);
    for (const i of [0, Math.min(1, tensor.size - 1), tensor.size - 1]) {
      const moved = (by: number): number => {
        const delta = new Float32Array(tensor.size);
        delta[i] = by;
        const at = mapParams(params, (value, name) =>
          name === path ? value.add(tf.tensor(delta, value.shape)) : value,
        );
        return lossOf(at).dataSync()[0];
      };
      const expected = (moved(step) - moved(-step)) / (2 * step);
      expect(Math.abs(gradient[i] - expected), `${path}[${i}]`).toBeLessThan(
        1e-3 + 1e-2 * Math.abs(expected),
      );
    }
  }
  const largest = Object.values(flat).map((tensor) => Math.max(...numbers(tensor).map(Math.abs)));
  expect(Math.min(...largest)).toBeGreaterThan(0);
});

it('counts the multiplications of its linear layers', () => {
  const adapter = linearAdapter(D, options);
  const [P, patchDim] = [6, 12];
  expect(adapter.flops([4, 6, 3])).toBe(2 * (2 * P * patchDim * D + 256 * patchDim + patchDim * patchDim));
});
