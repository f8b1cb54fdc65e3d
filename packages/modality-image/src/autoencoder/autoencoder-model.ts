/**
 * Training of an image autoencoder (Transfusion, section 3.1 and appendix A; Esser et al. 2021): a pixel loss, a
 * perceptual loss, and, from some step on, an adversarial loss. The bottleneck adds its own losses: a Gaussian the KL
 * divergence from a standard normal, a codebook the distances to its entries.
 *
 * Autoencoder and discriminator are trained in the same step: each loss treats the other's parameters as constants.
 */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { jointLoss } from '@transfusion/losses';
import type { Rng } from '@transfusion/nn';
import type { AutoencoderConfig, AutoencoderParams, EncoderDecoder } from './autoencoder.js';
import { imageLosses, imageSum, type ImageLossOptions, type WeightedSum } from './image-losses.js';
import type { PatchDiscriminatorParams } from './patch-discriminator.js';

/** Losses of an autoencoder besides the pixel loss and those of its bottleneck; none by default. */
export interface AutoencoderLossOptions extends ImageLossOptions {
  /**
   * Trains the encoder to match the latents of another network, such as another autoencoder, which it can then replace in
   * a model trained on these. The loss is the squared distance, averaged over the latent's elements.
   */
  readonly latents?: { readonly network: LatentNetwork; readonly weight: number };
}

/**
 * Computes latents [N, h / factor, w / factor, C] of images [N, h, w, 3] (from -1 to 1). Its weights are not trained.
 */
export type LatentNetwork = (images: tf.Tensor4D) => tf.Tensor4D;

/** Encoder and decoder of an autoencoder, including the parameters of its bottleneck. */
export interface BottleneckNetworks<P extends AutoencoderParams> extends Pick<
  EncoderDecoder,
  'factor' | 'decode' | 'flops'
> {
  readonly config: AutoencoderConfig;
  init(rng: Rng): P;
}

/** The part between encoder and decoder in training: everything that differs between Gaussian and VQ autoencoders. */
export interface AutoencoderBottleneck<P extends AutoencoderParams = AutoencoderParams> {
  readonly autoencoder: BottleneckNetworks<P>;
  /** Number of noise values per latent position; 0 for none. */
  readonly noiseChannels: number;
  /** Names of the `losses` of {@link EncodedImages}. */
  readonly lossNames: readonly string[];
  /** Names of the `statistics` of {@link EncodedImages}. */
  readonly statisticNames: readonly string[];
  /** Encodes images [N, h, w, 3] in training; `noise` is [N, h / factor, w / factor, noiseChannels]. */
  encode(params: P, images: tf.Tensor4D, noise: tf.Tensor4D | undefined): EncodedImages;
  /** Encodes and decodes images, without noise. */
  reconstruct(params: P, images: tf.Tensor4D): tf.Tensor4D;
}

/** Result of the bottleneck for a batch of images. */
export interface EncodedImages {
  /** The encoder's vectors, before noise or rounding: [N, h / factor, w / factor, latentChannels]. */
  readonly vectors: tf.Tensor4D;
  /** The decoder's input. */
  readonly latents: tf.Tensor4D;
  readonly losses: Readonly<Record<string, WeightedSum>>;
  /** Values for the log, one per batch. */
  readonly statistics: Readonly<Record<string, tf.Scalar>>;
}

/** All trained parameters. The discriminator is only used in training. */
export type AutoencoderModelParams<P extends AutoencoderParams = AutoencoderParams> = {
  readonly autoencoder: P;
  readonly discriminator?: PatchDiscriminatorParams;
};

/** The images of a batch, with their noise. */
export interface AutoencoderArrays {
  /** [N, h, w, 3] from -1 to 1. */
  readonly images: Float32Array;
  readonly imageShape: readonly [number, number, number, number];
  /** Standard normal noise, `noiseChannels` values per latent position; may be empty. */
  readonly noise: Float32Array;
  /** Weight of the adversarial loss; absent before its first step. */
  readonly adversarialWeight?: number;
}

/** {@link AutoencoderArrays} as tensors. */
export type AutoencoderBatch = {
  readonly images: tf.Tensor4D;
  readonly noise?: tf.Tensor4D;
  readonly adversarialWeight?: tf.Scalar;
  /** Number of images in the step, over all micro-batches. */
  readonly count: tf.Scalar;
};

/** An autoencoder with its losses; implements the trainer's `TrainableModel`. */
export interface AutoencoderModel<P extends AutoencoderParams = AutoencoderParams> {
  /** Written into checkpoints; a run can only be resumed with an equal config. */
  readonly config: {
    readonly autoencoder: AutoencoderConfig;
    /** Channels of the discriminator; null without one. */
    readonly discriminator: readonly number[] | null;
  };
  readonly autoencoder: BottleneckNetworks<P>;
  init(rng: Rng): AutoencoderModelParams<P>;
  /**
   * Computes the loss. `aux` has sums over images: `l1`, the bottleneck's losses (`kl`, or `codebook` and `commitment`),
   * and `latents`, `perceptual`, `identity`, `adversarial`, `discriminator` if enabled; and sums over batches: the
   * bottleneck's statistics (`codesUsed` of a codebook, the number of distinct entries in a batch).
   *
   * @throws TransfusionError `mismatch` if `latents.network` returns latents of a different shape
   */
  loss(
    params: AutoencoderModelParams<P>,
    batch: AutoencoderBatch,
  ): { loss: tf.Scalar; aux: Record<string, tf.Scalar> };
  lossCounts(batches: readonly AutoencoderArrays[]): Record<string, number>;
  batchTensors(batch: AutoencoderArrays, counts: Readonly<Record<string, number>>): AutoencoderBatch;
  batchSizes(batches: readonly AutoencoderArrays[]): { documents: number; elements: number; fill: number };
}

/** Creates a trainable model from an autoencoder's bottleneck and losses. */
export function autoencoderModel<P extends AutoencoderParams>(
  bottleneck: AutoencoderBottleneck<P>,
  options: AutoencoderLossOptions = {},
): AutoencoderModel<P> {
  const { autoencoder, noiseChannels, lossNames, statisticNames } = bottleneck;
  const { factor } = autoencoder;
  const { latents: latentTarget } = options;
  const imageLoss = imageLosses(options);
  const imageLossNames = [
    ...imageLoss.names,
    ...lossNames,
    ...(latentTarget === undefined ? [] : ['latents']),
  ];
  return {
    config: { autoencoder: autoencoder.config, discriminator: options.discriminator?.channels ?? null },
    autoencoder,
    init: (rng) => ({
      autoencoder: autoencoder.init(rng.fork('autoencoder')),
      ...imageLoss.initDiscriminator(rng),
    }),
    loss: (params, { images, noise, adversarialWeight, count }) => {
      const { vectors, latents, losses, statistics } = bottleneck.encode(params.autoencoder, images, noise);
      const decoded = autoencoder.decode(params.autoencoder, latents);
      const { discriminator } = params;
      const { l1, ...others } = imageLoss.parts(decoded, images, { discriminator, adversarialWeight });
      const parts: Record<string, WeightedSum> = { l1, ...losses, ...others };
      if (latentTarget !== undefined) parts['latents'] = latentLoss(latentTarget, images, vectors);
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

function latentLoss(
  { network, weight }: NonNullable<AutoencoderLossOptions['latents']>,
  images: tf.Tensor4D,
  vectors: tf.Tensor4D,
): WeightedSum {
  const target = network(images);
  if (String(target.shape) !== String(vectors.shape)) {
    throw new TransfusionError(
      'mismatch',
      `autoencoderModel: latents.network returns [${target.shape}], expected [${vectors.shape}], the shape of this encoder's latents. ` +
        'Use a network with the same downsampling factor and channels.',
    );
  }
  return { sum: imageSum(vectors.sub(target).square()), weight };
}
