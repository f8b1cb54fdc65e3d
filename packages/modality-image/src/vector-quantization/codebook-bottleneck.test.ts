import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { adamW, createRng, flattenParams, valueAndGrad, type Params } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { sampleRevivals, measureCodeUsage, reviveCodes } from './code-revival.js';
import {
  autoencoderModel,
  type AutoencoderArrays,
  type AutoencoderBatch,
  type AutoencoderModel,
  type AutoencoderModelParams,
  type LatentNetwork,
} from '../autoencoder/autoencoder-model.js';
import { codebookBottleneck } from './codebook-bottleneck.js';
import { lookUpCodes, nearestCodes } from './vector-quantizer.js';
import { createVqAutoencoder, type VqAutoencoderParams } from './vq-autoencoder.js';

const autoencoder = createVqAutoencoder({
  channels: [4, 8],
  latentChannels: 2,
  numBlocks: 1,
  codebookSize: 6,
});
const discriminator = { channels: [4, 8] };

const arraysOf = (N: number, seed: number, adversarialWeight?: number): AutoencoderArrays => ({
  images: createRng(seed).normals(N * 8 * 4 * 3),
  imageShape: [N, 8, 4, 3],
  noise: new Float32Array(0),
  ...(adversarialWeight === undefined ? {} : { adversarialWeight }),
});
const batchOf = (model: AutoencoderModel<VqAutoencoderParams>, arrays: AutoencoderArrays): AutoencoderBatch =>
  model.batchTensors(arrays, model.lossCounts([arrays]));
const number = (x: tf.Tensor): number => x.dataSync()[0];
const numbers = (x: tf.Tensor): number[] => [...x.dataSync()];
const meanDistance = (a: tf.Tensor, b: tf.Tensor, power: number): number => {
  const others = numbers(b);
  return numbers(a).reduce((sum, value, i) => sum + Math.abs(value - others[i]) ** power, 0) / others.length;
};

describe.each(['cpu', 'onnxruntime'])('the loss, on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it('is the mean pixel distance, and that of vectors to their entries', () => {
    const model = autoencoderModel(codebookBottleneck(autoencoder, { commitmentWeight: 0.5 }));
    const params = model.init(createRng(1));
    const batch = batchOf(model, arraysOf(3, 5));
    const { loss, aux } = model.loss(params, batch);

    const { codebook } = params.autoencoder;
    const vectors = autoencoder.encode(params.autoencoder, batch.images);
    const ids = nearestCodes(codebook, vectors);
    const codes = lookUpCodes(codebook, ids) as tf.Tensor4D;
    const l1 = meanDistance(autoencoder.decode(params.autoencoder, codes), batch.images, 1);
    const apart = meanDistance(codes, vectors, 2);
    expect(Object.keys(aux)).toEqual(['l1', 'codebook', 'commitment', 'codesUsed']);
    expect(number(aux.l1)).toBeCloseTo(3 * l1, 4);
    expect(number(aux.codebook)).toBeCloseTo(3 * apart, 4);
    expect(number(aux.commitment)).toBeCloseTo(3 * apart, 4);
    expect(number(aux.codesUsed)).toBe(new Set(numbers(ids)).size);
    expect(number(loss)).toBeCloseTo(l1 + 1.5 * apart, 4);
  });

  it('matches its vectors to the latents of another network, if enabled', () => {
    const network: LatentNetwork = (images) =>
      tf.avgPool(images, 2, 2, 'valid').slice([0, 0, 0, 0], [-1, -1, -1, 2]);
    const model = autoencoderModel(codebookBottleneck(autoencoder), { latents: { network, weight: 0.3 } });
    const params = model.init(createRng(1));
    const batch = batchOf(model, arraysOf(2, 5));
    const { loss, aux } = model.loss(params, batch);
    const vectors = autoencoder.encode(params.autoencoder, batch.images);
    const apart = meanDistance(vectors, network(batch.images), 2);
    expect(number(aux.latents)).toBeCloseTo(2 * apart, 4);
    const others = number(aux.l1) + number(aux.codebook) + 0.25 * number(aux.commitment);
    expect(number(loss)).toBeCloseTo(others / 2 + 0.3 * apart, 4);
  });

  it('reconstructs from the nearest entries', () => {
    const params = autoencoder.init(createRng(1));
    const images = tf.tensor4d(arraysOf(2, 5).images, [2, 8, 4, 3]);
    const ids = nearestCodes(params.codebook, autoencoder.encode(params, images));
    const expected = autoencoder.decode(params, lookUpCodes(params.codebook, ids) as tf.Tensor4D);
    expect(numbers(codebookBottleneck(autoencoder).reconstruct(params, images))).toEqual(numbers(expected));
  });

  it('is the same in micro-batches as in one batch, with a discriminator, too', () => {
    const model = autoencoderModel(codebookBottleneck(autoencoder), { discriminator });
    const params = model.init(createRng(1));
    const whole = arraysOf(5, 5, 0.3);
    const slice = (from: number, to: number): AutoencoderArrays => ({
      ...whole,
      images: whole.images.slice(from * 8 * 4 * 3, to * 8 * 4 * 3),
      imageShape: [to - from, 8, 4, 3],
    });
    const halves = [slice(0, 2), slice(2, 5)];
    const counts = model.lossCounts(halves);
    expect({ ...counts, codesUsed: 1 }).toEqual(model.lossCounts([whole]));
    expect(model.batchSizes(halves)).toEqual({ documents: 5, elements: 5 * 4 * 2, fill: 1 });
    const evaluate = (arrays: AutoencoderArrays) => {
      const batch = model.batchTensors(arrays, counts);
      const { loss, gradients } = valueAndGrad((at) => model.loss(at, batch), params);
      return flattenParams({ loss, gradients } as Params);
    };
    const [first, second] = halves.map(evaluate);
    for (const [path, expected] of Object.entries(evaluate(whole))) {
      const apart = number(first[path].add(second[path]).sub(expected).abs().max());
      expect(apart, path).toBeLessThan(1e-5 + 1e-4 * number(expected.abs().max()));
    }
  });
});

describe('a training', () => {
  beforeAll(() => tf.setBackend('onnxruntime'));
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
  const arrays: AutoencoderArrays = { images, imageShape: [N, side, side, 3], noise: new Float32Array(0) };

  /** Sixty steps; what they log, and how many entries the images have in the end. */
  async function trained(reviveAt: readonly number[]): Promise<{ distances: number[]; numUsed: number }> {
    const learner = createVqAutoencoder({
      channels: [8, 16],
      latentChannels: 4,
      numBlocks: 1,
      codebookSize: 32,
    });
    const model = autoencoderModel(codebookBottleneck(learner));
    const optimizer = adamW({ weightDecay: 0 });
    type State = ReturnType<typeof optimizer.init>;
    const step = jit(
      (params: AutoencoderModelParams<VqAutoencoderParams>, state: State, batch: AutoencoderBatch) => {
        const { aux, gradients } = valueAndGrad((at) => model.loss(at, batch), params);
        return { l1: aux.l1.div(N), ...optimizer.update(params, gradients, state, tf.scalar(0.01)) };
      },
    );
    let params = model.init(createRng(1));
    let state = optimizer.init(params);
    const distances: number[] = [];
    for (let i = 0; i < 60; i++) {
      if (reviveAt.includes(i)) {
        const usage = await measureCodeUsage(learner, params.autoencoder, [arrays]);
        const codebook = reviveCodes(
          params.autoencoder.codebook,
          sampleRevivals(usage, createRng(2).fork(i)),
        );
        params = { ...params, autoencoder: { ...params.autoencoder, codebook } };
      }
      const result = step(params, state, batchOf(model, arrays));
      ({ params, state } = result);
      distances.push(number(result.l1));
    }
    const { counts } = await measureCodeUsage(learner, params.autoencoder, [arrays]);
    return { distances, numUsed: counts.filter((count) => count > 0).length };
  }

  it('learns to reconstruct images, and revival keeps entries in use', { timeout: 120_000 }, async () => {
    const [alone, revived] = [await trained([]), await trained([1, 21])];
    expect(revived.distances[59]).toBeLessThan(revived.distances[0] / 3);
    expect(revived.numUsed).toBeGreaterThanOrEqual(20);
    expect(revived.numUsed).toBeGreaterThan(alone.numUsed + 5);
  });
});
