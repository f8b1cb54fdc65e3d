/**
 * What every autoencoder of images is trained for, whatever its latents are (Transfusion, appendix A; Esser
 * et al. 2021): pixels, features of a network that sees like a person, and a discriminator's judgement.
 */
import * as tf from '@tensorflow/tfjs';
import { mapParams, stopGradient, type Rng } from '@transfusion/nn';
import {
  initPatchDiscriminator,
  patchDiscriminator,
  type PatchDiscriminatorParams,
} from './patch-discriminator.js';
import { perceptualDistance, type FeatureNetwork } from './perceptual-distance.js';

/** The parts of the loss besides the distance of pixels. */
export interface ImageLossOptions {
  /** Features by which images are compared too, as LPIPS does. */
  readonly perceptual?: { readonly network: FeatureNetwork; readonly weight: number };
  /** A further network whose features must not change, such as one that tells faces apart; 0.2 in the paper. */
  readonly identity?: { readonly network: FeatureNetwork; readonly weight: number };
  /** A patch-GAN; its weight comes with each batch, so that it can begin late. */
  readonly discriminator?: { readonly channels: readonly number[] };
}

/** A part of the loss: a sum over images, and how much it counts. */
export interface LossPart {
  readonly sum: tf.Scalar;
  readonly weight: number | tf.Scalar;
}

/** What the discriminator judges by, and how much that counts; both absent before it begins. */
export interface Adversary {
  readonly discriminator?: PatchDiscriminatorParams;
  readonly adversarialWeight?: tf.Scalar;
}

/** {@link ImageLossOptions} as functions. */
export interface ImageLosses {
  /** Names of all parts. */
  readonly names: readonly string[];
  initDiscriminator(rng: Rng): { readonly discriminator?: PatchDiscriminatorParams };
  /** Each part by its name: `l1`, and those that are asked for. */
  parts(decoded: tf.Tensor4D, images: tf.Tensor4D, adversary: Adversary): Record<string, LossPart>;
}

/** Makes the losses. */
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
      const parts: Record<string, LossPart> = {
        l1: { sum: imageSum(decoded.sub(images).abs()), weight: 1 },
      };
      for (const { name, network, weight } of features) {
        parts[name] = { sum: perceptualDistance(network, decoded, images), weight };
      }
      if (discriminator === undefined || adversarialWeight === undefined) return parts;
      const asItIs = mapParams(discriminator, stopGradient);
      const adversarial = imageSum(patchDiscriminator(asItIs, decoded).neg());
      return {
        ...parts,
        adversarial: { sum: adversarial, weight: adversarialWeight },
        discriminator: { sum: hingeLoss(discriminator, images, stopGradient(decoded)), weight: 1 },
      };
    },
  };
}

/** The parts as what a `TrainableModel` gives: their weighted mean over `count` images, and their sums. */
export function joinParts(
  parts: Readonly<Record<string, LossPart>>,
  count: tf.Scalar,
): { loss: tf.Scalar; aux: Record<string, tf.Scalar> } {
  const weighted = Object.values(parts).map(({ sum, weight }) => sum.mul(weight));
  const sums = Object.entries(parts).map(([name, { sum }]) => [name, sum] as const);
  return { loss: tf.addN(weighted).div(count) as tf.Scalar, aux: Object.fromEntries(sums) };
}

/** Means over each image's numbers, summed over the images. */
export function imageSum(values: tf.Tensor): tf.Scalar {
  return values.mean().mul(values.shape[0]) as tf.Scalar;
}

/** Hinge loss of the discriminator (Lim & Ye 2017): real above 1, made below -1. */
function hingeLoss(discriminator: PatchDiscriminatorParams, real: tf.Tensor4D, made: tf.Tensor4D): tf.Scalar {
  const real1 = tf.relu(tf.sub(1, patchDiscriminator(discriminator, real)));
  const made1 = tf.relu(tf.add(1, patchDiscriminator(discriminator, made)));
  return imageSum(real1.add(made1).mul(0.5));
}
