/**
 * A small U-Net as in diffusion models, without the timestep: residual blocks at full size, one
 * stride-2 convolution down, residual blocks, nearest-neighbor up, and a skip connection across.
 * GroupNorm and SiLU come before each 3×3 convolution; no biases but those of the norms.
 *
 * Shapes: `B` batch, `h w` grid, `C` channels, `G` groups.
 */
import * as tf from '@transfusion/tfjs';
import type { Batch, Model, Parameters } from './model.js';

export interface UnetSizes {
  readonly batchSize: number;
  /** Height and width of the input; even. */
  readonly gridSize: number;
  readonly latentChannels: number;
  /** Channels at full and at half size. */
  readonly channels: readonly [full: number, half: number];
  readonly numGroups: number;
}

/** 64 channels on 32², 128 on 16². */
export const unet64: UnetSizes = {
  batchSize: 16,
  gridSize: 32,
  latentChannels: 4,
  channels: [64, 128],
  numGroups: 8,
};

export function unet(sizes: UnetSizes): Model {
  return {
    name: 'unet',
    flopsPerStep: unetFlops(sizes),
    initialParameters: () => initialParameters(sizes),
    makeBatch: () => makeBatch(sizes),
    loss: (parameters, batch) => loss(sizes, parameters, batch),
  };
}

interface Convolution {
  readonly name: string;
  readonly kernelSize: 1 | 3;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Height and width of the result. */
  readonly outSize: number;
  readonly hasNorm: boolean;
}

function convolutions({ gridSize, latentChannels, channels: [full, half] }: UnetSizes): Convolution[] {
  const conv = (
    name: string,
    [inChannels, outChannels]: readonly [number, number],
    outSize: number,
    { kernelSize = 3, hasNorm = true }: { kernelSize?: 1 | 3; hasNorm?: boolean } = {},
  ): Convolution => ({ name, kernelSize, inChannels, outChannels, outSize, hasNorm });
  const residual = (
    name: string,
    [inChannels, outChannels]: [number, number],
    size: number,
  ): Convolution[] => [
    conv(`${name}.0`, [inChannels, outChannels], size),
    conv(`${name}.1`, [outChannels, outChannels], size),
    ...(inChannels === outChannels
      ? []
      : [conv(`${name}.shortcut`, [inChannels, outChannels], size, { kernelSize: 1, hasNorm: false })]),
  ];
  return [
    conv('in', [latentChannels, full], gridSize, { hasNorm: false }),
    ...residual('before', [full, full], gridSize),
    conv('down', [full, half], gridSize / 2, { hasNorm: false }),
    ...residual('middle.0', [half, half], gridSize / 2),
    ...residual('middle.1', [half, half], gridSize / 2),
    conv('up', [half, full], gridSize, { hasNorm: false }),
    ...residual('after', [2 * full, full], gridSize),
    conv('out', [full, latentChannels], gridSize),
  ];
}

/**
 * A convolution costs 2·k²·Cin·Cout for each place of its result forward, the same for the gradient
 * of its filter, and the same for that of its input. The first one's input needs no gradient.
 */
export function unetFlops(sizes: UnetSizes): number {
  const forward = convolutions(sizes).map(
    ({ kernelSize, inChannels, outChannels, outSize }) =>
      2 * kernelSize ** 2 * inChannels * outChannels * outSize ** 2 * sizes.batchSize,
  );
  return 3 * forward.reduce((sum, flops) => sum + flops, 0) - forward[0];
}

function initialParameters(sizes: UnetSizes): Parameters {
  const parameters: Record<string, tf.Tensor> = {};
  let seed = 1;
  for (const { name, kernelSize, inChannels, outChannels, hasNorm } of convolutions(sizes)) {
    const shape: [number, number, number, number] = [kernelSize, kernelSize, inChannels, outChannels];
    const deviation = 1 / Math.sqrt(kernelSize ** 2 * inChannels);
    parameters[`${name}.filter`] = tf.randomNormal(shape, 0, deviation, 'float32', seed++);
    if (!hasNorm) continue;
    parameters[`${name}.gain`] = tf.ones([inChannels]);
    parameters[`${name}.shift`] = tf.zeros([inChannels]);
  }
  return parameters;
}

function makeBatch({ batchSize, gridSize, latentChannels }: UnetSizes): Batch {
  const shape: [number, number, number, number] = [batchSize, gridSize, gridSize, latentChannels];
  const size = tf.util.sizeFromShape(shape);
  return tf.tidy(() => {
    const clean = tf.sin(tf.reshape(tf.linspace(0, size / 10, size), shape));
    const noise = tf.randomNormal(shape, 0, 1, 'float32', 1001);
    return { noisy: tf.add(clean, noise), noise };
  });
}

/** Mean squared error of the predicted noise. */
function loss({ numGroups }: UnetSizes, parameters: Parameters, { noisy, noise }: Batch): tf.Scalar {
  const convolve = (x: tf.Tensor4D, name: string, stride = 1): tf.Tensor4D =>
    tf.conv2d(x, parameters[`${name}.filter`] as tf.Tensor4D, stride, 'same');
  const activate = (x: tf.Tensor4D, name: string): tf.Tensor4D =>
    silu(groupNorm(x, numGroups, parameters[`${name}.gain`], parameters[`${name}.shift`]));
  const residual = (x: tf.Tensor4D, name: string): tf.Tensor4D => {
    const inner = convolve(activate(x, `${name}.0`), `${name}.0`);
    const change = convolve(activate(inner, `${name}.1`), `${name}.1`);
    const kept = `${name}.shortcut.filter` in parameters ? convolve(x, `${name}.shortcut`) : x;
    return tf.add(kept, change);
  };

  const skip = residual(convolve(noisy as tf.Tensor4D, 'in'), 'before'); // [B, h, w, C]
  let x = convolve(skip, 'down', 2); // [B, h/2, w/2, 2C]
  x = residual(residual(x, 'middle.0'), 'middle.1');
  x = convolve(doubleSize(x), 'up'); // [B, h, w, C]
  x = residual(tf.concat([x, skip], -1), 'after');
  const predicted = convolve(activate(x, 'out'), 'out');
  return tf.mean(tf.squaredDifference(predicted, noise));
}

/** Each place becomes four. */
function doubleSize(x: tf.Tensor4D): tf.Tensor4D {
  const [B, h, w, C] = x.shape;
  const wide = tf.reshape(tf.stack([x, x], 3), [B, h, 2 * w, C]);
  return tf.reshape(tf.stack([wide, wide], 2), [B, 2 * h, 2 * w, C]);
}

function silu(x: tf.Tensor4D): tf.Tensor4D {
  return tf.mul(x, tf.sigmoid(x));
}

/**
 * The mean over places, then over the channels of a group: two reductions over neighboring axes
 * are faster than one over axes apart.
 */
function groupNorm(x: tf.Tensor4D, numGroups: number, gain: tf.Tensor, shift: tf.Tensor): tf.Tensor4D {
  const [B, h, w, C] = x.shape;
  const groupMean = (values: tf.Tensor): tf.Tensor =>
    tf.mean(tf.reshape(tf.mean(values, 1), [B, 1, numGroups, C / numGroups]), -1, true); // [B, 1, G, 1]
  const perChannel = (values: tf.Tensor): tf.Tensor =>
    tf.reshape(tf.tile(values, [1, 1, 1, C / numGroups]), [B, 1, C]);
  const flat = tf.reshape(x, [B, h * w, C]);
  const centered = tf.sub(flat, perChannel(groupMean(flat)));
  const variance = groupMean(tf.square(centered));
  const scale = tf.mul(perChannel(tf.rsqrt(tf.add(variance, 1e-5))), gain); // [B, 1, C]
  return tf.reshape(tf.add(tf.mul(centered, scale), shift), x.shape);
}
