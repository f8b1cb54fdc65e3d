/**
 * A PatchGAN discriminator (Isola et al. 2017): a few convolutions, whose outputs classify one patch of the image each.
 */
import * as tf from '@transfusion/tfjs';
import {
  conv2d,
  groupNorm,
  initConv2d,
  initLayerNorm,
  residualBlockGroups,
  type Conv2dParams,
  type LayerNormParams,
  type Rng,
} from '@transfusion/nn';

/** Parameters: strided convolutions, all except the first with a norm, and the output convolution. */
export type PatchDiscriminatorParams = {
  readonly first: Conv2dParams;
  readonly layers: readonly { readonly conv: Conv2dParams; readonly norm: LayerNormParams }[];
  readonly out: Conv2dParams;
};

/**
 * Initializes the parameters of {@link patchDiscriminator}.
 *
 * @param channels channels of the layers, each of which halves the resolution
 */
export function initPatchDiscriminator(rng: Rng, channels: readonly number[]): PatchDiscriminatorParams {
  const [first, ...rest] = channels;
  return {
    first: initConv2d(rng.fork('first'), 3, first, 4),
    layers: rest.map((width, i) => ({
      conv: initConv2d(rng.fork(i), channels[i], width, 4),
      norm: initLayerNorm(width),
    })),
    out: initConv2d(rng.fork('out'), channels[channels.length - 1], 1, 3),
  };
}

/** Computes a logit for each patch of images [N, h, w, 3]; positive if it looks real. */
export function patchDiscriminator(
  { first, layers, out }: PatchDiscriminatorParams,
  images: tf.Tensor4D,
): tf.Tensor4D {
  let x: tf.Tensor4D = tf.leakyRelu(conv2d(first, images, 2), SLOPE);
  for (const { conv, norm } of layers) {
    const y = conv2d(conv, x, 2);
    x = tf.leakyRelu(groupNorm(norm, y, residualBlockGroups(y.shape[3])), SLOPE);
  }
  return conv2d(out, x);
}

const SLOPE = 0.2;
