/**
 * What an autoencoder is trained for (Transfusion, section 3.1 and appendix A; Esser et al. 2021): to give
 * back images by their pixels and by the features of a network that sees like a person, to keep its
 * latents near a standard normal, and, from a step on, to pass for real before a discriminator.
 *
 * Both players are trained in one step: each one's loss takes the other's parameters for constants.
 */
import * as tf from '@tensorflow/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type { Rng } from '@transfusion/nn';
import { sampleLatent, type Autoencoder, type AutoencoderParams } from './autoencoder.js';
import type { PatchDiscriminatorParams } from './patch-discriminator.js';
import { joinParts, imageLosses, imageSum, type LossPart, type ImageLossOptions } from './image-losses.js';

/** How much each part of the loss counts; the paper's by default. */
export interface AutoencoderLossOptions extends ImageLossOptions {
  /** Of the divergence from a standard normal, a mean over the latent's numbers; 1e-6 by default. */
  readonly klWeight?: number;
  /**
   * Latents that the encoder's are to follow, those of another autoencoder, say: then this one can take its place
   * under a model that was trained on them. A squared distance, a mean over the latent's numbers.
   */
  readonly latents?: { readonly network: LatentNetwork; readonly weight: number };
}

/**
 * Latents [N, h / factor, w / factor, C] of images [N, h, w, 3] (from -1 to 1); weights are the network's own and
 * are not trained.
 */
export type LatentNetwork = (images: tf.Tensor4D) => tf.Tensor4D;

/** All that is trained. The discriminator serves the training alone. */
export type AutoencoderModelParams = {
  readonly autoencoder: AutoencoderParams;
  readonly discriminator?: PatchDiscriminatorParams;
};

/** Images for a step and all that is drawn for them. */
export interface AutoencoderArrays {
  /** [N, h, w, 3] from -1 to 1. */
  readonly images: Float32Array;
  readonly imageShape: readonly [number, number, number, number];
  /** Standard normal: one number for each of the latents'. */
  readonly noise: Float32Array;
  /** How much the discriminator's judgement counts; absent before it begins. */
  readonly adversarialWeight?: number;
}

/** {@link AutoencoderArrays} in the engine. */
export type AutoencoderBatch = {
  readonly images: tf.Tensor4D;
  readonly noise: tf.Tensor4D;
  readonly adversarialWeight?: tf.Scalar;
  /** Images of the whole step. */
  readonly count: tf.Scalar;
};

/** An autoencoder with what it is trained for: fulfils the trainer's `TrainableModel`. */
export interface AutoencoderModel {
  readonly autoencoder: Autoencoder;
  init(rng: Rng): AutoencoderModelParams;
  /**
   * In `aux` sums over images: `l1`, `kl`, and `latents`, `perceptual`, `identity`, `adversarial`, `discriminator`
   * if they are there.
   *
   * @throws TransfusionError `mismatch` if the network to be followed gives latents of another shape
   */
  loss(
    params: AutoencoderModelParams,
    batch: AutoencoderBatch,
  ): { loss: tf.Scalar; aux: Record<string, tf.Scalar> };
  lossCounts(batches: readonly AutoencoderArrays[]): Record<string, number>;
  batchTensors(batch: AutoencoderArrays, counts: Readonly<Record<string, number>>): AutoencoderBatch;
  batchSizes(batches: readonly AutoencoderArrays[]): { documents: number; elements: number; fill: number };
}

/** Joins an autoencoder and its losses. */
export function autoencoderModel(
  autoencoder: Autoencoder,
  options: AutoencoderLossOptions = {},
): AutoencoderModel {
  const { klWeight = 1e-6, latents } = options;
  const { factor, config } = autoencoder;
  const losses = imageLosses(options);
  return {
    autoencoder,
    init: (rng) => ({
      autoencoder: autoencoder.init(rng.fork('autoencoder')),
      ...losses.initDiscriminator(rng),
    }),
    loss: (params, { images, noise, adversarialWeight, count }) => {
      const gaussian = autoencoder.encode(params.autoencoder, images);
      const decoded = autoencoder.decode(params.autoencoder, sampleLatent(gaussian, noise));
      const { mean, logVariance } = gaussian;
      const divergence = mean.square().add(logVariance.exp()).sub(1).sub(logVariance).mul(0.5);
      const { discriminator } = params;
      const { l1, ...others } = losses.parts(decoded, images, { discriminator, adversarialWeight });
      const parts: Record<string, LossPart> = {
        l1,
        kl: { sum: imageSum(divergence), weight: klWeight },
        ...others,
      };
      if (latents !== undefined) {
        const followed = latents.network(images);
        checkFollowed(followed.shape, mean.shape);
        parts.latents = { sum: imageSum(mean.sub(followed).square()), weight: latents.weight };
      }
      return joinParts(parts, count);
    },
    lossCounts: (batches) => {
      const count = batches.reduce((sum, { imageShape: [N] }) => sum + N, 0);
      const names = [...losses.names, 'kl', ...(latents === undefined ? [] : ['latents'])];
      return Object.fromEntries(names.map((name) => [name, count]));
    },
    batchTensors: ({ images, imageShape, noise, adversarialWeight }, counts) => {
      const [N, h, w] = imageShape;
      return {
        images: tf.tensor4d(images, [...imageShape]),
        noise: tf.tensor4d(noise, [N, h / factor, w / factor, config.latentChannels]),
        ...(adversarialWeight === undefined ? {} : { adversarialWeight: tf.scalar(adversarialWeight) }),
        count: tf.scalar(counts.l1),
      };
    },
    batchSizes: (batches) => {
      const documents = batches.reduce((sum, { imageShape: [N] }) => sum + N, 0);
      const elements = batches.reduce((sum, { noise }) => sum + noise.length / config.latentChannels, 0);
      return { documents, elements, fill: 1 };
    },
  };
}

function checkFollowed(found: readonly number[], expected: readonly number[]): void {
  if (found.length === expected.length && found.every((size, i) => size === expected[i])) return;
  throw new TransfusionError(
    'mismatch',
    `autoencoderModel: latents.network gives [${found}], expected [${expected}] (the shape of this encoder's latents). ` +
      'Follow a network of the same factor and channels.',
  );
}
