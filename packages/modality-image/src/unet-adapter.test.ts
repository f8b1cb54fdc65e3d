import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type { PluginConfig } from '@transfusion/modality';
import { countParams, createRng, flattenParams, valueAndGrad, type Params } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AdapterFactory, AdapterShape } from './adapter.js';
import {
  expectGolden,
  expectGoldenGradients,
  goldenParams,
  goldenTensor,
  readCases,
  type GoldenTensor,
  type GoldenWeights,
} from './golden/read-golden.js';
import { image } from './image-modality.js';
import { linearAdapter } from './linear-adapter.js';
import { unet, unetAdapter, unetFactory } from './unet-adapter.js';

interface GoldenCase {
  readonly patchSize: number;
  readonly modelDim: number;
  readonly latentShape: readonly number[];
  readonly channels: readonly number[];
  readonly numBlocks: number;
  readonly positionEmbedding: 'none' | 'axial';
  readonly weights: GoldenWeights;
  readonly latents: GoldenTensor;
  readonly timesteps: GoldenTensor;
  readonly hidden: GoldenTensor;
  readonly skips: readonly GoldenTensor[];
  readonly output: GoldenTensor;
  readonly outputWeights: GoldenTensor;
  readonly gradients: Record<string, GoldenTensor>;
}
const cases = readCases<GoldenCase>('unet-adapter.json').map((golden) => {
  const { modelDim, latentShape, ...sizes } = golden;
  const adapter = unetAdapter(modelDim, { ...sizes, latentChannels: latentShape[2] });
  return [`patches of ${golden.patchSize}, ${golden.positionEmbedding}`, golden, adapter] as const;
});

describe.each(['cpu', 'onnxruntime'])('on %s, it is PyTorch’s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it.each(cases)('%s', (_, golden, adapter) => {
    const params = goldenParams(adapter.init(createRng(0)), golden.weights);
    const timesteps = goldenTensor<tf.Tensor1D>(golden.timesteps);
    const { hidden, skips } = adapter.embed(params, goldenTensor(golden.latents), timesteps);
    expectGolden(hidden, golden.hidden, 'hidden');
    expect(skips).toHaveLength(golden.skips.length);
    skips.forEach((skip, i) => expectGolden(skip as tf.Tensor, golden.skips[i], `skips[${i}]`));

    const transformed = goldenTensor(golden.hidden).tanh() as tf.Tensor3D;
    const given = golden.skips.map((skip) => goldenTensor(skip));
    const output = adapter.project(params, transformed, timesteps, given, golden.latentShape);
    expectGolden(output, golden.output, 'output');
  });

  it.each(cases)('gradients around the transformer and through it: %s', (_, golden, adapter) => {
    const params = goldenParams(adapter.init(createRng(0)), golden.weights);
    const differentiate = jit(
      (at: Params, latents: tf.Tensor, timesteps: tf.Tensor1D, weights: tf.Tensor) =>
        valueAndGrad((current: Params) => {
          const { hidden, skips } = adapter.embed(current, latents, timesteps);
          const transformed = hidden.tanh() as tf.Tensor3D;
          const output = adapter.project(current, transformed, timesteps, skips, golden.latentShape);
          return { loss: output.mul(weights).sum() as tf.Scalar, aux: {} };
        }, at).gradients,
    );
    const gradients = differentiate(
      params,
      goldenTensor(golden.latents),
      goldenTensor(golden.timesteps),
      goldenTensor(golden.outputWeights),
    );
    expectGoldenGradients(gradients, golden.gradients);
  });
});

describe('unetAdapter', () => {
  beforeAll(() => tf.setBackend('cpu'));
  const shape = { patchSize: 2, latentChannels: 2 };

  it('counts the multiplications of its convolutions and products', () => {
    const adapter = unetAdapter(6, { ...shape, channels: [4, 8] });
    const time = 256 * 8 + 8 * 8;
    const inAndOut = 2 * (16 * 9 * 2 * 4);
    // 4 channels at 4 x 4; on the way out, the first convolution takes the skip too.
    const upper = 2 * (16 * 9 * 4 * 4) + 16 * 9 * 8 * 4 + 16 * 9 * 4 * 4 + 16 * 8 * 4 + 2 * (8 * 4);
    const lower = 2 * (4 * 9 * 8 * 8) + 4 * 9 * 16 * 8 + 4 * 9 * 8 * 8 + 4 * 16 * 8 + 2 * (8 * 8);
    const [down, up] = [4 * 9 * 4 * 8, 16 * 9 * 8 * 4];
    const toAndFro = 2 * (4 * 8 * 6);
    // The timestep is embedded twice: before and after the transformer.
    const products = 2 * time + inAndOut + upper + lower + down + up + toAndFro;
    const beside = linearAdapter(6, shape).flops([4, 4, 2]);
    expect(adapter.flops([4, 4, 2])).toBe(2 * products + beside);

    const further = unetAdapter(6, { ...shape, channels: [4, 8], numBlocks: 3 });
    const blockOf = (positions: number, width: number): number =>
      2 * (positions * 9 * width ** 2) + 8 * width;
    expect(further.flops([4, 4, 2])).toBe(2 * (products + 4 * blockOf(16, 4) + 4 * blockOf(4, 8)) + beside);
  });

  it('has embeddings of rows and columns if enabled, and is the adapter of unet()', () => {
    const options = { channels: [4, 8] };
    const plain = unetAdapter(6, { ...shape, ...options }).init(createRng(1));
    const modality = image({
      latentShapes: [[4, 4, 3]],
      patchSize: 2,
      positionEmbedding: 'axial',
      adapter: unet(options),
    });
    const axial = modality.createAdapter(6).init(createRng(1));
    const added = Object.keys(flattenParams(axial)).filter((path) => !(path in flattenParams(plain)));
    expect(added).toEqual(['linear.grid.rows', 'linear.grid.columns']);
    const countLinear = (options: Omit<AdapterShape, 'patchSize'>): number =>
      countParams(linearAdapter(6, { patchSize: 2, ...options }).init(createRng(1)));
    const linearAdded =
      countLinear({ latentChannels: 3, positionEmbedding: 'axial' }) - countLinear({ latentChannels: 2 });
    // The convolutions at both ends have one channel more, too.
    expect(countParams(axial) - countParams(plain)).toBe(linearAdded + 2 * 9 * 4 + 1);
  });

  it.each([
    [{ channels: [8] }, 'channels has 1 elements, expected 2 for patches of 2 x 2: one per resolution.'],
    [{ channels: [] }, 'channels has 0 elements, expected 2'],
    [{ channels: [8, 8, 8] }, 'channels has 3 elements, expected 2'],
    [{ patchSize: 4, channels: [8, 8] }, 'channels has 2 elements, expected 3 for patches of 4 x 4'],
    [{ patchSize: 1, channels: [8, 8] }, 'expected 1 for patches of 1 x 1'],
    [{ patchSize: 3, channels: [8, 8] }, 'the patch size is 3, expected a power of two'],
    [{ patchSize: 0.5, channels: [] }, 'the patch size is 0.5'],
    [{ channels: [8, 0] }, 'channels[1] is 0, expected a positive integer'],
    [{ channels: [2.5, 8] }, 'channels[0] is 2.5'],
    [{ channels: [8, 8], numBlocks: 0 }, 'numBlocks is 0'],
  ])('refuses %j', (sizes, message) => {
    const make = (): unknown => unetAdapter(12, { ...shape, ...sizes });
    expect(make).toThrow(TransfusionError);
    expect(make).toThrow(message);
  });

  it('returns small vectors at initialization, also at the size of the emoji model', () => {
    const adapter = unetAdapter(320, { patchSize: 2, latentChannels: 8, channels: [128, 256] });
    const latents = tf.tensor4d(createRng(2).normals(2 * 8 * 8 * 8), [2, 8, 8, 8]);
    const { hidden } = adapter.embed(adapter.init(createRng(1)), latents, tf.tensor1d([10, 700]));
    const size = hidden.square().mean().sqrt().dataSync()[0];
    expect(size).toBeGreaterThan(0.1);
    expect(size).toBeLessThan(0.5);
  });

  it('supports patches of one position: blocks without other resolutions', () => {
    const adapter = unetAdapter(6, { patchSize: 1, latentChannels: 2, channels: [8] });
    const params = adapter.init(createRng(1));
    const timesteps = tf.tensor1d([5]);
    const { hidden, skips } = adapter.embed(params, tf.ones([1, 3, 5, 2]), timesteps);
    expect(hidden.shape).toEqual([1, 15, 6]);
    expect(adapter.project(params, hidden, timesteps, skips, [3, 5, 2]).shape).toEqual([1, 3, 5, 2]);
  });
});

describe('unetFactory', () => {
  const create = (config: object): unknown =>
    unetFactory().create({ type: 'unet', ...config } as PluginConfig, {
      read: (name) => Promise.reject(new Error(`no ${name}`)),
    });

  it('rebuilds an adapter with the same config', () => {
    const { config } = unet({ channels: [4, 8], numBlocks: 2 });
    expect((create(config!) as AdapterFactory).config).toEqual(config);
  });

  it.each([
    [{ numBlocks: 1 }, 'config.channels is undefined, expected a list of positive integers'],
    [{ channels: 8, numBlocks: 1 }, 'config.channels is 8, expected a list'],
    [{ channels: [], numBlocks: 1 }, 'config.channels is [], expected a list'],
    [{ channels: ['8', 8], numBlocks: 1 }, 'config.channels is ["8",8], expected a list'],
    [{ channels: [8] }, 'config.numBlocks is undefined, expected a positive integer'],
    [{ channels: [8], numBlocks: 0 }, 'config.numBlocks is 0, expected a positive integer'],
  ])('refuses %j', (config, message) => {
    expect(() => create(config)).toThrow(TransfusionError);
    expect(() => create(config)).toThrow(`unet adapter: ${message}`);
  });
});
