/**
 * What a VQ autoencoder is trained for: that images come back, as any autoencoder, and that the encoder's
 * vectors and the entries of the codebook stay near each other (van den Oord et al. 2017, equation 3).
 */
import * as tf from '@tensorflow/tfjs';
import type { Rng } from '@transfusion/nn';
import type { AutoencoderArrays, AutoencoderBatch } from '../autoencoder/autoencoder-model.js';
import type { PatchDiscriminatorParams } from '../autoencoder/patch-discriminator.js';
import { joinParts, imageLosses, type ImageLossOptions } from '../autoencoder/image-losses.js';
import { quantize } from './vector-quantizer.js';
import type { VqAutoencoder, VqAutoencoderParams } from './vq-autoencoder.js';

/** How much each part of the loss counts; the paper's by default. */
export interface VqAutoencoderLossOptions extends ImageLossOptions {
  /** β: how strongly vectors are held to their entries; 0.25 by default. */
  readonly commitmentWeight?: number;
}

/** All that is trained. The discriminator serves the training alone. */
export type VqAutoencoderModelParams = {
  readonly autoencoder: VqAutoencoderParams;
  readonly discriminator?: PatchDiscriminatorParams;
};

/** Images for a step; nothing is drawn for them. */
export type VqAutoencoderArrays = Omit<AutoencoderArrays, 'noise'>;

/** {@link VqAutoencoderArrays} in the engine. */
export type VqAutoencoderBatch = Omit<AutoencoderBatch, 'noise'>;

/** A VQ autoencoder with what it is trained for: fulfils the trainer's `TrainableModel`. */
export interface VqAutoencoderModel {
  readonly autoencoder: VqAutoencoder;
  init(rng: Rng): VqAutoencoderModelParams;
  /**
   * In `aux` sums over images: `l1`, `codebook`, `commitment`, and `perceptual`, `identity`, `adversarial`,
   * `discriminator` if they are there; and over batches `codesUsed`, how many different entries one has.
   */
  loss(
    params: VqAutoencoderModelParams,
    batch: VqAutoencoderBatch,
  ): { loss: tf.Scalar; aux: Record<string, tf.Scalar> };
  lossCounts(batches: readonly VqAutoencoderArrays[]): Record<string, number>;
  batchTensors(batch: VqAutoencoderArrays, counts: Readonly<Record<string, number>>): VqAutoencoderBatch;
  batchSizes(batches: readonly VqAutoencoderArrays[]): { documents: number; elements: number; fill: number };
}

/** Joins a VQ autoencoder and its losses. */
export function vqAutoencoderModel(
  autoencoder: VqAutoencoder,
  options: VqAutoencoderLossOptions = {},
): VqAutoencoderModel {
  const { commitmentWeight = 0.25 } = options;
  const losses = imageLosses(options);
  const { factor, config } = autoencoder;
  const imageCount = (batches: readonly VqAutoencoderArrays[]): number =>
    batches.reduce((sum, { imageShape: [N] }) => sum + N, 0);
  return {
    autoencoder,
    init: (rng) => ({
      autoencoder: autoencoder.init(rng.fork('autoencoder')),
      ...losses.initDiscriminator(rng),
    }),
    loss: (params, { images, adversarialWeight, count }) => {
      const { codebook } = params.autoencoder;
      const vectors = autoencoder.encode(params.autoencoder, images);
      const { ids, quantized, codebookLoss, commitmentLoss } = quantize(codebook, vectors);
      const decoded = autoencoder.decode(params.autoencoder, quantized);
      const { discriminator } = params;
      const { l1, ...others } = losses.parts(decoded, images, { discriminator, adversarialWeight });
      const N = images.shape[0];
      const parts = {
        l1,
        codebook: { sum: codebookLoss.mul<tf.Scalar>(N), weight: 1 },
        commitment: { sum: commitmentLoss.mul<tf.Scalar>(N), weight: commitmentWeight },
        ...others,
      };
      const { loss, aux } = joinParts(parts, count);
      return { loss, aux: { ...aux, codesUsed: countDifferent(ids, config.codebookSize) } };
    },
    lossCounts: (batches) => {
      const names = [...losses.names, 'codebook', 'commitment'];
      const counts = names.map((name) => [name, imageCount(batches)] as const);
      return { ...Object.fromEntries(counts), codesUsed: batches.length };
    },
    batchTensors: ({ images, imageShape, adversarialWeight }, counts) => ({
      images: tf.tensor4d(images, [...imageShape]),
      ...(adversarialWeight === undefined ? {} : { adversarialWeight: tf.scalar(adversarialWeight) }),
      count: tf.scalar(counts.l1),
    }),
    batchSizes: (batches) => {
      const elements = batches.reduce((sum, { imageShape: [N, h, w] }) => sum + (N * h * w) / factor ** 2, 0);
      return { documents: imageCount(batches), elements, fill: 1 };
    },
  };
}

function countDifferent(ids: tf.Tensor, codebookSize: number): tf.Scalar {
  const ones = tf.ones([ids.size, 1]);
  const counts = tf.unsortedSegmentSum(ones, ids.reshape([-1]) as tf.Tensor1D, codebookSize);
  return counts.greater(0).toFloat().sum();
}
