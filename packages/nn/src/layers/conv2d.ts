import * as tf from '@transfusion/tfjs';
import { normal, zeros } from '../initializers.js';
import type { Rng } from '../rng.js';

/**
 * Parameters of {@link conv2d}: `weight` [kernel, kernel, inChannels, outChannels] and `bias` [outChannels].
 */
export type Conv2dParams = {
  readonly weight: tf.Tensor;
  readonly bias: tf.Tensor;
};

/** Initializes {@link conv2d}: normal weights, of standard deviation 1/√fanIn unless set, and zero bias. */
export function initConv2d(
  rng: Rng,
  inChannels: number,
  outChannels: number,
  kernelSize: number,
  stddev = 1 / Math.sqrt(kernelSize * kernelSize * inChannels),
): Conv2dParams {
  const shape = [kernelSize, kernelSize, inChannels, outChannels];
  return { weight: normal(rng, shape, stddev), bias: zeros([outChannels]) };
}

/**
 * Convolves with `same` zero padding, to a size of ⌈size / stride⌉: [N, h, w, inChannels] -> [N, h', w',
 * outChannels]. Odd padding puts the extra row and column at the bottom and right, as in TensorFlow.
 * PyTorch's `padding=1` differs for a kernel of 3 with stride 2 and an even size: it pads the top and left
 * too.
 */
export function conv2d({ weight, bias }: Conv2dParams, x: tf.Tensor4D, stride = 1): tf.Tensor4D {
  const filter = weight as tf.Tensor4D;
  return tf.fused.conv2d({ x, filter, bias, strides: stride, pad: 'same', activation: 'linear' });
}
