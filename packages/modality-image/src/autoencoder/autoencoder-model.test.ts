import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { adamW, createRng, flattenParams, mapParams, valueAndGrad, type Params } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  autoencoderModel,
  type AutoencoderArrays,
  type AutoencoderBatch,
  type AutoencoderLossOptions,
  type AutoencoderModel,
  type AutoencoderModelParams,
  type LatentNetwork,
} from './autoencoder-model.js';
import { createAutoencoder, sampleLatent } from './autoencoder.js';
import { gaussianBottleneck } from './gaussian-bottleneck.js';
import { patchDiscriminator } from './patch-discriminator.js';
import { perceptualDistance, type FeatureNetwork } from './perceptual-distance.js';

const autoencoder = createAutoencoder({ channels: [4, 8], latentChannels: 2, numBlocks: 1 });
const discriminator = { channels: [4, 8] };
const modelOf = (options?: AutoencoderLossOptions, klWeight?: number): AutoencoderModel =>
  autoencoderModel(gaussianBottleneck(autoencoder, { klWeight }), options);

const arraysOf = (N: number, seed: number, adversarialWeight?: number): AutoencoderArrays => ({
  images: createRng(seed).normals(N * 8 * 4 * 3),
  imageShape: [N, 8, 4, 3],
  noise: createRng(seed + 1).normals(N * 4 * 2 * 2),
  ...(adversarialWeight === undefined ? {} : { adversarialWeight }),
});
const paramsOf = (model: AutoencoderModel): AutoencoderModelParams =>
  mapParams(model.init(createRng(1)), (tensor, path) =>
    tensor.add(tf.tensor(createRng(2).fork(path).normals(tensor.size), tensor.shape).mul(0.1)),
  );
const batchOf = (model: AutoencoderModel, arrays: AutoencoderArrays): AutoencoderBatch =>
  model.batchTensors(arrays, model.lossCounts([arrays]));
const number = (x: tf.Tensor): number => x.dataSync()[0];
const numbers = (x: tf.Tensor): number[] => [...x.dataSync()];
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const largest = (params: Params): number =>
  Math.max(...Object.values(flattenParams(params)).map((tensor) => number(tensor.abs().max())));

/** Encodes and decodes a batch with the plain functions. */
function parts({ autoencoder: params }: AutoencoderModelParams, { images, noise }: AutoencoderBatch) {
  const gaussian = autoencoder.encode(params, images);
  return { ...gaussian, decoded: autoencoder.decode(params, sampleLatent(gaussian, noise!)) };
}

describe.each(['cpu', 'onnxruntime'])('the loss, on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it('is the mean pixel distance, plus a small weight of the divergence', () => {
    const model = modelOf({}, 0.01);
    const params = paramsOf(model);
    const batch = batchOf(model, arraysOf(3, 5));
    const { loss, aux } = model.loss(params, batch);

    const { decoded, ...gaussian } = parts(params, batch);
    const pixels = numbers(batch.images);
    const l1 = mean(numbers(decoded).map((value, i) => Math.abs(value - pixels[i])));
    const variances = numbers(gaussian.logVariance).map(Math.exp);
    // KL(N(m, v) | N(0, 1)) = (m² + v - ln v - 1) / 2
    const kl = mean(
      numbers(gaussian.mean).map((m, i) => (m ** 2 + variances[i] - Math.log(variances[i]) - 1) / 2),
    );
    expect(Object.keys(aux)).toEqual(['l1', 'kl']);
    expect(number(aux.l1)).toBeCloseTo(3 * l1, 4);
    expect(number(aux.kl)).toBeCloseTo(3 * kl, 4);
    expect(number(loss)).toBeCloseTo(l1 + 0.01 * kl, 4);
  });

  it('has a divergence of 0 for a standard normal', () => {
    const model = modelOf();
    const params = mapParams(model.init(createRng(1)), (tensor, path) =>
      path.startsWith('autoencoder.encoder.out') ? tf.zerosLike(tensor) : tensor,
    );
    expect(number(model.loss(params, batchOf(model, arraysOf(2, 5))).aux.kl)).toBe(0);
  });

  it('adds perceptual losses if enabled', () => {
    const network: FeatureNetwork = (images) => [images];
    const halves: FeatureNetwork = (images) => [tf.avgPool(images, 2, 2, 'valid')];
    const model = modelOf(
      { perceptual: { network, weight: 0.5 }, identity: { network: halves, weight: 0.2 } },
      0,
    );
    const params = paramsOf(model);
    const batch = batchOf(model, arraysOf(2, 5));
    const { loss, aux } = model.loss(params, batch);
    const { decoded } = parts(params, batch);
    expect(Object.keys(aux)).toEqual(['l1', 'kl', 'perceptual', 'identity']);
    expect(number(aux.perceptual)).toBeCloseTo(number(perceptualDistance(network, decoded, batch.images)), 4);
    expect(number(aux.identity)).toBeCloseTo(number(perceptualDistance(halves, decoded, batch.images)), 4);
    const sum = number(aux.l1) + 0.5 * number(aux.perceptual) + 0.2 * number(aux.identity);
    expect(number(loss)).toBeCloseTo(sum / 2, 4);
  });

  it('matches the latents of another network if enabled', () => {
    const network: LatentNetwork = (images) =>
      tf.avgPool(images, 2, 2, 'valid').slice([0, 0, 0, 0], [-1, -1, -1, 2]);
    const model = modelOf({ latents: { network, weight: 0.3 } }, 0);
    const params = paramsOf(model);
    const batch = batchOf(model, arraysOf(2, 5));
    const { loss, aux } = model.loss(params, batch);
    const targets = numbers(network(batch.images));
    const distance = mean(numbers(parts(params, batch).mean).map((m, i) => (m - targets[i]) ** 2));
    expect(Object.keys(aux)).toEqual(['l1', 'kl', 'latents']);
    expect(number(aux.latents)).toBeCloseTo(2 * distance, 4);
    expect(number(loss)).toBeCloseTo(number(aux.l1) / 2 + 0.3 * distance, 4);
    expect(model.lossCounts([arraysOf(2, 5)])).toEqual({ l1: 2, kl: 2, latents: 2 });
  });

  it('refuses latents of a different shape', () => {
    const network: LatentNetwork = (images) => tf.avgPool(images, 2, 2, 'valid').mean(3, true) as tf.Tensor4D;
    const model = modelOf({ latents: { network, weight: 1 } });
    expect(() => model.loss(paramsOf(model), batchOf(model, arraysOf(2, 5)))).toThrow(
      'latents.network returns [2,4,2,1], expected [2,4,2,2]',
    );
  });

  it('ignores the discriminator until it has a weight', () => {
    const model = modelOf({ discriminator }, 0);
    const params = paramsOf(model);
    const batch = batchOf(model, arraysOf(2, 5));
    const { loss, aux, gradients } = valueAndGrad((at) => model.loss(at, batch), params);
    expect(Object.keys(aux)).toEqual(['l1', 'kl']);
    expect(number(loss)).toBeCloseTo(number(aux.l1) / 2, 5);
    expect(largest(gradients.discriminator!)).toBe(0);
    expect(largest(gradients.autoencoder)).toBeGreaterThan(0);
  });

  it('adds the losses of generator and discriminator once it has one', () => {
    const model = modelOf({ discriminator }, 0);
    const params = paramsOf(model);
    const batch = batchOf(model, arraysOf(2, 5, 0.3));
    const { loss, aux } = model.loss(params, batch);
    const { decoded } = parts(params, batch);
    const made = numbers(patchDiscriminator(params.discriminator!, decoded));
    const real = numbers(patchDiscriminator(params.discriminator!, batch.images));
    const hinge =
      (mean(real.map((logit) => Math.max(0, 1 - logit))) +
        mean(made.map((logit) => Math.max(0, 1 + logit)))) /
      2;
    expect(number(aux.adversarial)).toBeCloseTo(-2 * mean(made), 4);
    expect(number(aux.discriminator)).toBeCloseTo(2 * hinge, 4);
    const sum = number(aux.l1) + 0.3 * number(aux.adversarial) + number(aux.discriminator);
    expect(number(loss)).toBeCloseTo(sum / 2, 4);
  });

  it('trains generator and discriminator only by their own losses', () => {
    const model = modelOf({ discriminator }, 0);
    const params = paramsOf(model);
    const batch = batchOf(model, arraysOf(2, 5, 0.3));
    const gradientsOf = (part: string): AutoencoderModelParams =>
      valueAndGrad((at) => ({ loss: model.loss(at, batch).aux[part], aux: {} }), params).gradients;
    const generator = gradientsOf('adversarial');
    expect(largest(generator.discriminator!)).toBe(0);
    expect(largest(generator.autoencoder)).toBeGreaterThan(1e-3);
    const judge = gradientsOf('discriminator');
    expect(largest(judge.autoencoder)).toBe(0);
    expect(largest(judge.discriminator!)).toBeGreaterThan(1e-3);
    for (const [path, gradient] of Object.entries(flattenParams(judge.discriminator!))) {
      // Real images pull this one up as much as made ones pull it down, while no logit is beyond 1.
      if (path === 'out.bias') continue;
      expect(number(gradient.abs().max()), path).toBeGreaterThan(0);
    }
  });

  it('is the same in micro-batches as in one batch', () => {
    const model = modelOf({ discriminator }, 0.1);
    const params = paramsOf(model);
    const whole = arraysOf(5, 5, 0.3);
    const slice = (from: number, to: number): AutoencoderArrays => ({
      ...whole,
      images: whole.images.slice(from * 8 * 4 * 3, to * 8 * 4 * 3),
      imageShape: [to - from, 8, 4, 3],
      noise: whole.noise.slice(from * 4 * 2 * 2, to * 4 * 2 * 2),
    });
    const halves = [slice(0, 2), slice(2, 5)];
    expect(model.lossCounts(halves)).toEqual(model.lossCounts([whole]));
    expect(model.batchSizes(halves)).toEqual(model.batchSizes([whole]));
    const counts = model.lossCounts(halves);
    const evaluate = (arrays: AutoencoderArrays) => {
      const result = valueAndGrad((at) => model.loss(at, model.batchTensors(arrays, counts)), params);
      return flattenParams(result as Params);
    };
    const [first, second] = halves.map(evaluate);
    const together = evaluate(whole);
    expect(Object.keys(together)).toContain('aux.discriminator');
    for (const [path, expected] of Object.entries(together)) {
      const apart = number(first[path].add(second[path]).sub(expected).abs().max());
      expect(apart, path).toBeLessThan(1e-5 + 1e-4 * number(expected.abs().max()));
    }
  });
});

describe('autoencoderModel', () => {
  beforeAll(() => tf.setBackend('onnxruntime'));

  it('counts images for each part, and latent positions for the log', () => {
    const batches = [arraysOf(2, 5), arraysOf(3, 6)];
    expect(modelOf().lossCounts(batches)).toEqual({ l1: 5, kl: 5 });
    const network: FeatureNetwork = (images) => [images];
    const all = modelOf({ perceptual: { network, weight: 1 }, discriminator });
    const names = ['l1', 'kl', 'perceptual', 'adversarial', 'discriminator'];
    expect(all.lossCounts(batches)).toEqual(Object.fromEntries(names.map((name) => [name, 5])));
    expect(all.batchSizes(batches)).toEqual({ documents: 5, elements: 5 * 4 * 2, fill: 1 });
  });

  it('has a discriminator only if enabled, and the same autoencoder either way', () => {
    const plain = modelOf().init(createRng(1));
    const judged = modelOf({ discriminator }).init(createRng(1));
    expect(Object.keys(plain)).toEqual(['autoencoder']);
    expect(Object.keys(judged)).toEqual(['autoencoder', 'discriminator']);
    for (const [path, tensor] of Object.entries(flattenParams(plain.autoencoder))) {
      expect(numbers(flattenParams(judged.autoencoder)[path]), path).toEqual(numbers(tensor));
    }
  });

  it('learns: forty steps on eight images halve the pixel distance', () => {
    const model = modelOf();
    const [N, side] = [8, 8];
    // Each of two colors, with a straight edge between them.
    const images = Float32Array.from({ length: N * side * side * 3 }, (_, i) => {
      const [n, y, x, c] = [
        Math.floor(i / (side * side * 3)),
        Math.floor(i / (side * 3)) % side,
        Math.floor(i / 3) % side,
        i % 3,
      ];
      const isFirst = (n % 2 === 0 ? x : y) < 1 + (n % 6);
      return ((isFirst ? n : 7 - n) >> c) % 2 === 0 ? -0.8 : 0.8;
    });
    const noise = (step: number): Float32Array => createRng(step).normals(N * 4 * 4 * 2);
    const optimizer = adamW({ weightDecay: 0 });
    const step = jit(
      (params: AutoencoderModelParams, state: ReturnType<typeof optimizer.init>, batch: AutoencoderBatch) => {
        const { aux, gradients } = valueAndGrad((at) => model.loss(at, batch), params);
        return { l1: aux.l1.div(N), ...optimizer.update(params, gradients, state, tf.scalar(0.01)) };
      },
    );
    let params = model.init(createRng(1));
    let state = optimizer.init(params);
    const distances: number[] = [];
    for (let i = 0; i <= 40; i++) {
      const arrays: AutoencoderArrays = { images, imageShape: [N, side, side, 3], noise: noise(i) };
      const result = step(params, state, batchOf(model, arrays));
      ({ params, state } = result);
      distances.push(number(result.l1));
    }
    expect(distances[40]).toBeLessThan(distances[0] / 2);
  });
});
