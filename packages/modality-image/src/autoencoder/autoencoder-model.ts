/**
 * The training of an autoencoder of images (Transfusion, section 3.1 and appendix A; Esser et al. 2021): to
 * reconstruct images in their pixels and in the features of a perceptual network, and, from a step on, to pass for real
 * before a discriminator. The bottleneck adds its own losses: a Gaussian its divergence from a standard normal, a
 * codebook the distances of its entries.
 *
 * Both players are trained in one step: each one's loss takes the other's parameters for constants.
 */
import * as tf from '@tensorflow/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { jointLoss } from '@transfusion/losses';
import type { Rng } from '@transfusion/nn';
import type { AutoencoderConfig, AutoencoderParams, EncoderDecoder } from './autoencoder.js';
import { imageLosses, imageSum, type ImageLossOptions, type WeightedSum } from './image-losses.js';
import type { PatchDiscriminatorParams } from './patch-discriminator.js';

/** Losses of an autoencoder besides the distance of pixels and those of its bottleneck; none by default. */
export interface AutoencoderLossOptions extends ImageLossOptions {
  /**
   * Latents that the encoder's are to follow, such as those of another autoencoder: then this one can take its place
   * under a model that was trained on them. A squared distance, a mean over the latent's elements.
   */
  readonly latents?: { readonly network: LatentNetwork; readonly weight: number };
}

/**
 * Latents [N, h / factor, w / factor, C] of images [N, h, w, 3] (from -1 to 1); weights are the network's own and
 * are not trained.
 */
export type LatentNetwork = (images: tf.Tensor4D) => tf.Tensor4D;

/** The two networks of an autoencoder with the parameters of its kind. */
export interface BottleneckNetworks<P extends AutoencoderParams> extends Pick<
  EncoderDecoder,
  'factor' | 'decode' | 'flops'
> {
  readonly config: AutoencoderConfig;
  init(rng: Rng): P;
}

/** Between encoder and decoder in training: everything in which kinds of autoencoders differ. */
export interface AutoencoderBottleneck<P extends AutoencoderParams = AutoencoderParams> {
  readonly autoencoder: BottleneckNetworks<P>;
  /** Number of noise values for each position of a latent; 0 without noise. */
  readonly noiseChannels: number;
  /** Names of the `losses` of {@link EncodedImages}. */
  readonly lossNames: readonly string[];
  /** Names of the `statistics` of {@link EncodedImages}. */
  readonly statisticNames: readonly string[];
  /** Encodes images [N, h, w, 3] in training; `noise` [N, h / factor, w / factor, noiseChannels] if there is any. */
  encode(params: P, images: tf.Tensor4D, noise: tf.Tensor4D | undefined): EncodedImages;
  /** Encodes images and decodes them again, without noise. */
  reconstruct(params: P, images: tf.Tensor4D): tf.Tensor4D;
}

/** Result of the bottleneck for a batch of images. */
export interface EncodedImages {
  /** The encoder's vectors, before noise or rounding: [N, h / factor, w / factor, latentChannels]. */
  readonly vectors: tf.Tensor4D;
  /** What the decoder gets of them. */
  readonly latents: tf.Tensor4D;
  readonly losses: Readonly<Record<string, WeightedSum>>;
  /** Values for the log, one for each batch. */
  readonly statistics: Readonly<Record<string, tf.Scalar>>;
}

/** Everything that is trained. The discriminator serves the training alone. */
export type AutoencoderModelParams<P extends AutoencoderParams = AutoencoderParams> = {
  readonly autoencoder: P;
  readonly discriminator?: PatchDiscriminatorParams;
};

/** Images of a batch with their noise. */
export interface AutoencoderArrays {
  /** [N, h, w, 3] from -1 to 1. */
  readonly images: Float32Array;
  readonly imageShape: readonly [number, number, number, number];
  /** Standard normal, `noiseChannels` values for each position of the latents; empty without noise. */
  readonly noise: Float32Array;
  /** Weight of the discriminator's judgment; absent before it begins. */
  readonly adversarialWeight?: number;
}

/** {@link AutoencoderArrays} in the engine. */
export type AutoencoderBatch = {
  readonly images: tf.Tensor4D;
  readonly noise?: tf.Tensor4D;
  readonly adversarialWeight?: tf.Scalar;
  /** Number of images of the whole step. */
  readonly count: tf.Scalar;
};

/** An autoencoder with its losses: fulfils the trainer's `TrainableModel`. */
export interface AutoencoderModel<P extends AutoencoderParams = AutoencoderParams> {
  /** Written into checkpoints; a run is only resumed with an equal one. */
  readonly config: {
    readonly autoencoder: AutoencoderConfig;
    /** Channels of the discriminator, if there is one. */
    readonly discriminator: readonly number[] | null;
  };
  readonly autoencoder: BottleneckNetworks<P>;
  init(rng: Rng): AutoencoderModelParams<P>;
  /**
   * Computes the loss. In `aux` are sums over images: `l1`, the bottleneck's losses (`kl`, or `codebook` and
   * `commitment`), and `latents`, `perceptual`, `identity`, `adversarial`, `discriminator` if they are there; and sums
   * over batches: the bottleneck's statistics (`codesUsed` of a codebook: how many different entries a batch has).
   *
   * @throws TransfusionError `mismatch` if the network to be followed gives latents of another shape
   */
  loss(
    params: AutoencoderModelParams<P>,
    batch: AutoencoderBatch,
  ): { loss: tf.Scalar; aux: Record<string, tf.Scalar> };
  lossCounts(batches: readonly AutoencoderArrays[]): Record<string, number>;
  batchTensors(batch: AutoencoderArrays, counts: Readonly<Record<string, number>>): AutoencoderBatch;
  batchSizes(batches: readonly AutoencoderArrays[]): { documents: number; elements: number; fill: number };
}

/** Joins an autoencoder, by its bottleneck, and its losses. */
export function autoencoderModel<P extends AutoencoderParams>(
  bottleneck: AutoencoderBottleneck<P>,
  options: AutoencoderLossOptions = {},
): AutoencoderModel<P> {
  const { autoencoder, noiseChannels, lossNames, statisticNames } = bottleneck;
  const { factor } = autoencoder;
  const { latents: followed } = options;
  const ofImages = imageLosses(options);
  const imageLossNames = [...ofImages.names, ...lossNames, ...(followed === undefined ? [] : ['latents'])];
  return {
    config: { autoencoder: autoencoder.config, discriminator: options.discriminator?.channels ?? null },
    autoencoder,
    init: (rng) => ({
      autoencoder: autoencoder.init(rng.fork('autoencoder')),
      ...ofImages.initDiscriminator(rng),
    }),
    loss: (params, { images, noise, adversarialWeight, count }) => {
      const { vectors, latents, losses, statistics } = bottleneck.encode(params.autoencoder, images, noise);
      const decoded = autoencoder.decode(params.autoencoder, latents);
      const { discriminator } = params;
      const { l1, ...others } = ofImages.parts(decoded, images, { discriminator, adversarialWeight });
      const parts: Record<string, WeightedSum> = { l1, ...losses, ...others };
      if (followed !== undefined) parts['latents'] = followingLoss(followed, images, vectors);
      const sums = Object.entries(parts).map(([name, { sum }]) => [name, sum] as const);
      return {
        loss: jointLoss(Object.values(parts).map((part) => ({ ...part, count }))),
        aux: { ...Object.fromEntries(sums), ...statistics },
      };
    },
    lossCounts: (batches) => ({
      ...Object.fromEntries(imageLossNames.map((name) => [name, countImages(batches)])),
      ...Object.fromEntries(statisticNames.map((name) => [name, batches.length])),
    }),
    batchTensors: ({ images, imageShape, noise, adversarialWeight }, counts) => {
      const [N, h, w] = imageShape;
      return {
        images: tf.tensor4d(images, [...imageShape]),
        ...(noiseChannels > 0 && { noise: tf.tensor4d(noise, [N, h / factor, w / factor, noiseChannels]) }),
        ...(adversarialWeight !== undefined && { adversarialWeight: tf.scalar(adversarialWeight) }),
        count: tf.scalar(counts['l1']),
      };
    },
    batchSizes: (batches) => {
      const positions = batches.map(({ imageShape: [N, h, w] }) => (N * h * w) / factor ** 2);
      const elements = positions.reduce((sum, count) => sum + count, 0);
      return { documents: countImages(batches), elements, fill: 1 };
    },
  };
}

function countImages(batches: readonly AutoencoderArrays[]): number {
  return batches.reduce((sum, { imageShape: [N] }) => sum + N, 0);
}

function followingLoss(
  { network, weight }: NonNullable<AutoencoderLossOptions['latents']>,
  images: tf.Tensor4D,
  vectors: tf.Tensor4D,
): WeightedSum {
  const followed = network(images);
  if (String(followed.shape) !== String(vectors.shape)) {
    throw new TransfusionError(
      'mismatch',
      `autoencoderModel: latents.network gives [${followed.shape}], expected [${vectors.shape}] (the shape of this encoder's latents). ` +
        'Follow a network of the same factor and channels.',
    );
  }
  return { sum: imageSum(vectors.sub(followed).square()), weight };
}
