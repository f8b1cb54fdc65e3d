import type * as tf from '@transfusion/tfjs';
import type { Rng } from '../rng.js';
import { conv2d, initConv2d, type Conv2dParams } from './conv2d.js';
import { initLinear, linear, type LinearParams } from './linear.js';
import { groupNorm, initLayerNorm, type LayerNormParams } from './norms.js';
import { silu } from './swiglu.js';

/**
 * Parameters of {@link residualBlock}: two normalized convolutions, `time` only if the block is conditioned
 * on a timestep, and `skip` only if the number of channels changes.
 */
export type ResidualBlockParams = {
  readonly norm1: LayerNormParams;
  readonly conv1: Conv2dParams;
  readonly time?: LinearParams;
  readonly norm2: LayerNormParams;
  readonly conv2: Conv2dParams;
  readonly skip?: Conv2dParams;
};

/** Minimum number of channels per group of the norms. */
const GROUP_CHANNELS = 8;

/**
 * Returns the number of groups of the block's norms: the largest divisor of `channels` with at least 8
 * channels per group and at most 32 groups (as in Stable Diffusion).
 */
export function residualBlockGroups(channels: number): number {
  for (let groups = Math.min(32, Math.floor(channels / GROUP_CHANNELS)); groups > 1; groups--) {
    if (channels % groups === 0) return groups;
  }
  return 1;
}

/**
 * Initializes {@link residualBlock}. The second convolution starts near zero, so that a fresh block is close
 * to the identity.
 *
 * @param timeDim width of the time embedding; omit it for a block without conditioning
 */
export function initResidualBlock(
  rng: Rng,
  inChannels: number,
  outChannels: number,
  { timeDim }: { readonly timeDim?: number } = {},
): ResidualBlockParams {
  return {
    norm1: initLayerNorm(inChannels),
    conv1: initConv2d(rng.fork('conv1'), inChannels, outChannels, 3),
    ...(timeDim === undefined
      ? {}
      : { time: initLinear(rng.fork('time'), timeDim, outChannels, { stddev: 0.02, bias: true }) }),
    norm2: initLayerNorm(outChannels),
    conv2: initConv2d(rng.fork('conv2'), outChannels, outChannels, 3, 1e-3),
    ...(inChannels === outChannels ? {} : { skip: initConv2d(rng.fork('skip'), inChannels, outChannels, 1) }),
  };
}

/**
 * Computes x + conv(silu(norm(conv(silu(norm(x))) + time))) (Ho et al. 2020, appendix B): [N, h, w, in] ->
 * [N, h, w, out]. If the number of channels changes, the skip connection is a 1 × 1 convolution.
 *
 * @param time timestep embedding [N, timeDim], for blocks with `timeDim`
 */
export function residualBlock(params: ResidualBlockParams, x: tf.Tensor4D, time?: tf.Tensor): tf.Tensor4D {
  const { norm1, conv1, norm2, conv2, skip } = params;
  const [inChannels, outChannels] = conv1.weight.shape.slice(2);
  let hidden = conv2d(conv1, silu(groupNorm(norm1, x, residualBlockGroups(inChannels))) as tf.Tensor4D);
  if (params.time !== undefined && time !== undefined) {
    hidden = hidden.add(linear(params.time, silu(time)).reshape([-1, 1, 1, outChannels]));
  }
  hidden = conv2d(conv2, silu(groupNorm(norm2, hidden, residualBlockGroups(outChannels))) as tf.Tensor4D);
  return hidden.add(skip === undefined ? x : conv2d(skip, x));
}
