import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { createRng, flattenParams, mapParams, valueAndGrad } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  expectGolden,
  expectGoldenGradients,
  goldenParams,
  goldenTensor,
  readCases,
  type GoldenTensor,
  type GoldenWeights,
} from '../golden/read-golden.js';
import {
  createAutoencoder,
  sampleLatent,
  type AutoencoderConfig,
  type AutoencoderParams,
} from './autoencoder.js';

interface GoldenCase {
  readonly config: AutoencoderConfig;
  readonly weights: GoldenWeights;
  readonly images: GoldenTensor;
  readonly noise: GoldenTensor;
  readonly mean: GoldenTensor;
  readonly logVariance: GoldenTensor;
  readonly latents: GoldenTensor;
  readonly decoded: GoldenTensor;
  readonly outputWeights: GoldenTensor;
  readonly gradients: Record<string, GoldenTensor>;
}
const cases = readCases<GoldenCase>('autoencoder.json').map((golden) => {
  const { patchSize, channels, latentChannels, numBlocks } = golden.config;
  const sizes = `patches of ${patchSize}, channels ${channels}, ${latentChannels} of latents`;
  return [`${sizes}, ${numBlocks} blocks`, golden] as const;
});

describe.each(['cpu', 'onnxruntime'])('on %s, it is PyTorch’s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it.each(cases)('%s', (_, golden) => {
    const autoencoder = createAutoencoder(golden.config);
    const params = goldenParams(autoencoder.init(createRng(0)), golden.weights);
    const gaussian = autoencoder.encode(params, goldenTensor(golden.images));
    expectGolden(gaussian.mean, golden.mean, 'mean');
    expectGolden(gaussian.logVariance, golden.logVariance, 'logVariance');
    expectGolden(sampleLatent(gaussian, goldenTensor(golden.noise)), golden.latents, 'latents');
    expectGolden(autoencoder.decode(params, goldenTensor(golden.latents)), golden.decoded, 'decoded');
  });

  it.each(cases)('gradients through both halves: %s', (_, golden) => {
    const autoencoder = createAutoencoder(golden.config);
    const params = goldenParams(autoencoder.init(createRng(0)), golden.weights);
    const differentiate = jit(
      (at: AutoencoderParams, images: tf.Tensor4D, noise: tf.Tensor4D, weights: tf.Tensor) =>
        valueAndGrad((current: AutoencoderParams) => {
          const latents = sampleLatent(autoencoder.encode(current, images), noise);
          return { loss: autoencoder.decode(current, latents).mul(weights).sum() as tf.Scalar, aux: {} };
        }, at).gradients,
    );
    const gradients = differentiate(
      params,
      goldenTensor(golden.images),
      goldenTensor(golden.noise),
      goldenTensor(golden.outputWeights),
    );
    expectGoldenGradients(gradients, golden.gradients);
  });
});

describe('createAutoencoder', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('halves the sides for each resolution after the first', () => {
    expect(createAutoencoder({ channels: [4], latentChannels: 2, numBlocks: 1 }).factor).toBe(1);
    const autoencoder = createAutoencoder({ channels: [4, 4, 8, 8], latentChannels: 5, numBlocks: 1 });
    expect(autoencoder.factor).toBe(8);
    const params = autoencoder.init(createRng(1));
    const { mean, logVariance } = autoencoder.encode(params, tf.ones([2, 16, 8, 3]));
    expect([mean.shape, logVariance.shape]).toEqual([
      [2, 2, 1, 5],
      [2, 2, 1, 5],
    ]);
    expect(autoencoder.decode(params, mean).shape).toEqual([2, 16, 8, 3]);
  });

  it('divides the sides by the patch size, too', () => {
    const config = { patchSize: 4, channels: [4, 8], latentChannels: 5, numBlocks: 1 };
    const autoencoder = createAutoencoder(config);
    expect(autoencoder.factor).toBe(8);
    const params = autoencoder.init(createRng(1));
    const { mean } = autoencoder.encode(params, tf.ones([2, 16, 8, 3]));
    expect(mean.shape).toEqual([2, 2, 1, 5]);
    expect(autoencoder.decode(params, mean).shape).toEqual([2, 16, 8, 3]);
  });

  it('keeps the variance finite for any encoder output', () => {
    const autoencoder = createAutoencoder({ channels: [4], latentChannels: 2, numBlocks: 1 });
    const params = mapParams(autoencoder.init(createRng(1)), (tensor, path) =>
      path === 'encoder.out.bias' ? tf.tensor1d([0, 0, -1e9, 1e9]) : tensor,
    );
    const { logVariance } = autoencoder.encode(params, tf.ones([1, 2, 2, 3]));
    expect(logVariance.max([0, 1, 2]).arraySync()).toEqual([-30, 20]);
    expect(logVariance.min([0, 1, 2]).arraySync()).toEqual([-30, 20]);
  });

  it('has parameters determined by the seed', () => {
    const autoencoder = createAutoencoder({ channels: [4, 8], latentChannels: 2, numBlocks: 1 });
    const [first, again, other] = [1, 1, 2].map(
      (seed) => autoencoder.init(createRng(seed)).encoder.in.weight,
    );
    expect(again.dataSync()).toEqual(first.dataSync());
    expect(other.dataSync()).not.toEqual(first.dataSync());
  });

  it.each([
    [{ channels: [] }, 'channels is [], expected a list of 1 to 12 numbers'],
    [{ patchSize: 0 }, 'patchSize is 0'],
    [{ channels: [8, 0] }, 'channels[1] is 0'],
    [{ channels: [8.5] }, 'channels[0] is 8.5'],
    [{ latentChannels: -1 }, 'latentChannels is -1'],
    [{ numBlocks: 0 }, 'numBlocks is 0, expected a positive integer of at most 64'],
  ])('refuses %j', (sizes, message) => {
    const config = { channels: [8], latentChannels: 2, numBlocks: 1, ...sizes };
    expect(() => createAutoencoder(config)).toThrow(message);
  });
});

it('sampleLatent is the mean plus noise scaled by the standard deviation', () => {
  const mean = tf.tensor4d([1, 2], [1, 1, 2, 1]);
  const logVariance = tf.tensor4d([Math.log(4), Math.log(9)], [1, 1, 2, 1]);
  const sample = sampleLatent({ mean, logVariance }, tf.tensor4d([0.5, -1], [1, 1, 2, 1]));
  expect(sample.dataSync()[0]).toBeCloseTo(2, 5);
  expect(sample.dataSync()[1]).toBeCloseTo(-1, 5);
});

describe('its FLOPs are those of its convolutions', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each<[AutoencoderConfig, [number, number]]>([
    [{ channels: [4, 8], latentChannels: 2, numBlocks: 1 }, [4, 8]],
    [{ channels: [4, 4, 8], latentChannels: 3, numBlocks: 2 }, [8, 8]],
    [{ patchSize: 2, channels: [4, 8], latentChannels: 2, numBlocks: 1 }, [8, 4]],
  ])('%o', async (config, [height, width]) => {
    const autoencoder = createAutoencoder(config);
    const params = autoencoder.init(createRng(0));
    const { kernels } = await tf.profile(() => {
      const { mean } = autoencoder.encode(params, tf.ones([1, height, width, 3]));
      return autoencoder.decode(params, mean);
    });
    const flops = kernels
      .filter(({ name }) => name === 'FusedConv2D')
      .map(({ inputShapes: [, filter], outputShapes: [output] }) => {
        const [kernelHeight, kernelWidth, from] = filter!;
        return 2 * kernelHeight * kernelWidth * from * output.reduce((product, side) => product * side);
      });
    expect(autoencoder.flops([height, width])).toBe(flops.reduce((sum, of) => sum + of, 0));
  });
});

it.each<AutoencoderConfig>([
  { channels: [4], latentChannels: 2, numBlocks: 1 },
  { patchSize: 2, channels: [4, 8], latentChannels: 3, numBlocks: 2 },
  { channels: [8, 4, 4, 6], latentChannels: 1, numBlocks: 3 },
])('counts its parameters: %o', async (config) => {
  await tf.setBackend('cpu');
  const autoencoder = createAutoencoder(config);
  const params = Object.values(flattenParams(autoencoder.init(createRng(0))));
  expect(autoencoder.numParams).toBe(params.reduce((sum, { size }) => sum + size, 0));
});
