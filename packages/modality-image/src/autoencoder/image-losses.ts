/**
 * The losses of an image autoencoder that do not depend on its bottleneck (Transfusion, appendix A; Esser et al. 2021):
 * pixel loss, perceptual loss and adversarial loss.
 */
import * as tf from '@transfusion/tfjs';
import type { LossPart } from '@transfusion/losses';
import { mapParams, stopGradient, type Rng } from '@transfusion/nn';
import {
  initPatchDiscriminator,
  patchDiscriminator,
  type PatchDiscriminatorParams,
} from './patch-discriminator.js';
import { perceptualDistance, type FeatureNetwork } from './perceptual-distance.js';

/** Losses besides the pixel loss. */
export interface ImageLossOptions {
  /** A perceptual loss on the features of a network, as in LPIPS. */
  readonly perceptual?: { readonly network: FeatureNetwork; readonly weight: number };
  /** A second perceptual loss, such as with a network for faces; its weight in the paper is 0.2. */
  readonly identity?: { readonly network: FeatureNetwork; readonly weight: number };
  /** A PatchGAN discriminator; the weight is part of each batch, so that it can start late. */
  readonly discriminator?: { readonly channels: readonly number[] };
}

/** A part of the loss: a sum over images, and the weight of its mean. */
export type WeightedSum = Omit<LossPart, 'count'>;

/** The discriminator, and the weight of the adversarial loss (absent before its first step). */
export interface Adversary {
  readonly discriminator?: PatchDiscriminatorParams;
  readonly adversarialWeight?: tf.Scalar;
}

/** The losses of {@link ImageLossOptions}, as functions. */
export interface ImageLosses {
  /** Names of all parts. */
  readonly names: readonly string[];
  initDiscriminator(rng: Rng): { readonly discriminator?: PatchDiscriminatorParams };
  /** Computes all parts by name: `l1`, and those of the options. */
  parts(decoded: tf.Tensor4D, images: tf.Tensor4D, adversary: Adversary): Record<string, WeightedSum>;
}

/** Creates the losses. */
export function imageLosses({ perceptual, identity, discriminator }: ImageLossOptions): ImageLosses {
  const features = Object.entries({ perceptual, identity }).flatMap(([name, part]) =>
    part === undefined ? [] : [{ name, ...part }],
  );
  return {
    names: [
      'l1',
      ...features.map(({ name }) => name),
      ...(discriminator === undefined ? [] : ['adversarial', 'discriminator']),
    ],
    initDiscriminator: (rng) =>
      discriminator === undefined
        ? {}
        : { discriminator: initPatchDiscriminator(rng.fork('discriminator'), discriminator.channels) },
    parts: (decoded, images, { discriminator, adversarialWeight }) => {
      const parts: Record<string, WeightedSum> = {
        l1: { sum: imageSum(decoded.sub(images).abs()), weight: 1 },
      };
      for (const { name, network, weight } of features) {
        parts[name] = { sum: perceptualDistance(network, decoded, images), weight };
      }
      if (discriminator === undefined || adversarialWeight === undefined) return parts;
      const frozen = mapParams(discriminator, stopGradient);
      const adversarial = imageSum(patchDiscriminator(frozen, decoded).neg());
      return {
        ...parts,
        adversarial: { sum: adversarial, weight: adversarialWeight },
        discriminator: { sum: hingeLoss(discriminator, images, stopGradient(decoded)), weight: 1 },
      };
    },
  };
}

/** Averages over each image's values, and sums over images. */
export function imageSum(values: tf.Tensor): tf.Scalar {
  return values.mean().mul(values.shape[0]) as tf.Scalar;
}

/** Computes the discriminator's hinge loss (Lim & Ye 2017). */
function hingeLoss(
  discriminator: PatchDiscriminatorParams,
  real: tf.Tensor4D,
  decoded: tf.Tensor4D,
): tf.Scalar {
  const realLoss = tf.relu(tf.sub(1, patchDiscriminator(discriminator, real)));
  const decodedLoss = tf.relu(tf.add(1, patchDiscriminator(discriminator, decoded)));
  return imageSum(realLoss.add(decodedLoss).mul(0.5));
}
