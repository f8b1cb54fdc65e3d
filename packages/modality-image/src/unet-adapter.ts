/**
 * The paper's U-Net adapter (Transfusion, section 3.2): the down blocks of a U-Net before the transformer, its up blocks
 * after it, and skip connections around it. Each level halves the sides of the grid, so patches of k × k need log2(k)
 * downsamplings. Not standard: norms are plain group norms, and the linear adapter runs in parallel to the U-Net. Without
 * it, the model first learns what the U-Net can predict from local context alone, and the transformer learns late.
 */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type { AdapterSkips, LatentAdapter, PartFactory, PluginConfig, Shape } from '@transfusion/modality';
import {
  conv2d,
  groupNorm,
  initConv2d,
  initLayerNorm,
  initLinear,
  initResidualBlock,
  initTimestepEmbedding,
  linear,
  residualBlock,
  residualBlockGroups,
  silu,
  timestepEmbedding,
  upsample2x,
  type Conv2dParams,
  type LayerNormParams,
  type LinearParams,
  type Params,
  type ResidualBlockParams,
  type Rng,
  type TimestepEmbeddingParams,
} from '@transfusion/nn';
import type { AdapterFactory, AdapterShape } from './adapter.js';
import { isPositiveInteger } from './is-positive-integer.js';
import { INPUT_STDDEV, linearAdapter } from './linear-adapter.js';

/** Options of {@link unet}. */
export interface UnetOptions {
  /** Channels at each resolution, from that of the latent; log2(patchSize) + 1 elements. */
  readonly channels: readonly number[];
  /** Number of residual blocks per resolution, each on the way down and up; defaults to 1. */
  readonly numBlocks?: number;
}

/** The blocks of a resolution, and the convolution to the next one. */
type Level = {
  readonly blocks: readonly ResidualBlockParams[];
  readonly resample?: Conv2dParams;
};

type UnetAdapterParams = {
  readonly timestep: TimestepEmbeddingParams;
  readonly in: Conv2dParams;
  readonly down: readonly Level[];
  readonly toModel: LinearParams;
  readonly fromModel: LinearParams;
  /** Parameters of the parallel linear adapter. */
  readonly linear: Params;
  readonly up: readonly Level[];
  readonly norm: LayerNormParams;
  readonly out: Conv2dParams;
};

const FREQUENCY_DIM = 256;

/** Returns a U-Net adapter for `image({ patchSize: 2, adapter: unet({ channels: [128, 256] }) })`. */
export function unet({ channels, numBlocks = 1 }: UnetOptions): AdapterFactory {
  return Object.assign(
    (modelDim: number, shape: AdapterShape) => unetAdapter(modelDim, { ...shape, channels, numBlocks }),
    { config: { type: 'unet', channels, numBlocks } },
  );
}

/**
 * Returns the factory that rebuilds {@link unet} adapters. Its `create` throws TransfusionError `invalid-file` for an
 * invalid config.
 */
export function unetFactory(): PartFactory<AdapterFactory> {
  return { type: 'unet', create: createUnet };
}

function createUnet({ channels, numBlocks }: PluginConfig): AdapterFactory {
  const fail = (option: string, value: unknown, expected: string): never => {
    throw new TransfusionError(
      'invalid-file',
      `unet adapter: config.${option} is ${JSON.stringify(value)}, expected ${expected}. ` +
        'Use a checkpoint of a U-Net adapter.',
    );
  };
  if (!Array.isArray(channels) || channels.length === 0 || !channels.every(isPositiveInteger)) {
    return fail('channels', channels, 'a list of positive integers');
  }
  if (!isPositiveInteger(numBlocks)) return fail('numBlocks', numBlocks, 'a positive integer');
  return unet({ channels, numBlocks });
}

/**
 * Creates the adapter for a transformer of width `modelDim`.
 *
 * @throws TransfusionError `invalid-argument` if the number of channels does not fit the patch size, or a number is not a
 *   positive integer
 */
export function unetAdapter(
  modelDim: number,
  { channels, numBlocks = 1, ...shape }: AdapterShape & UnetOptions,
): LatentAdapter {
  const { patchSize: k, latentChannels: C } = shape;
  checkConfig(k, channels, numBlocks);
  const parallelLinear = linearAdapter(modelDim, shape);
  const lowest = channels[channels.length - 1];
  const timeDim = 2 * channels[0];
  const upwards = [...channels].reverse();

  const block = (rng: Rng, from: number, to: number): ResidualBlockParams =>
    initResidualBlock(rng, from, to, { timeDim });
  const initDown = (rng: Rng): Level[] =>
    channels.map((width, level) => ({
      blocks: Array.from({ length: numBlocks }, (_, i) => block(rng.fork(level).fork(i), width, width)),
      ...(level < channels.length - 1
        ? { resample: initConv2d(rng.fork(level).fork('resample'), width, channels[level + 1], 3) }
        : {}),
    }));
  const initUp = (rng: Rng): Level[] =>
    upwards.map((width, level) => ({
      // The first block of a resolution also takes the skip connection.
      blocks: Array.from({ length: numBlocks }, (_, i) =>
        block(rng.fork(level).fork(i), i === 0 ? 2 * width : width, width),
      ),
      ...(level < upwards.length - 1
        ? { resample: initConv2d(rng.fork(level).fork('resample'), width, upwards[level + 1], 3) }
        : {}),
    }));

  return {
    init: (rng): UnetAdapterParams => ({
      timestep: initTimestepEmbedding(rng.fork('timestep'), timeDim, { frequencyDim: FREQUENCY_DIM }),
      in: initConv2d(rng.fork('in'), C, channels[0], 3),
      down: initDown(rng.fork('down')),
      toModel: initLinear(rng.fork('toModel'), lowest, modelDim, { stddev: INPUT_STDDEV, bias: true }),
      fromModel: initLinear(rng.fork('fromModel'), modelDim, lowest, { bias: true }),
      linear: parallelLinear.init(rng.fork('linear')),
      up: initUp(rng.fork('up')),
      norm: initLayerNorm(channels[0]),
      out: initConv2d(rng.fork('out'), channels[0], C, 3, 0.02),
    }),
    embed: (params, noisyLatents, timesteps) => {
      const net = params as UnetAdapterParams;
      const time = timestepEmbedding(net.timestep, timesteps);
      let x = conv2d(net.in, noisyLatents as tf.Tensor4D);
      const skips: tf.Tensor4D[] = [];
      for (const { blocks, resample } of net.down) {
        x = applyBlocks(blocks, x, time);
        skips.push(x);
        if (resample !== undefined) x = conv2d(resample, x, 2);
      }
      const [N, h, w] = x.shape;
      const unetHidden = linear(net.toModel, x.reshape([N, h * w, lowest]));
      const { hidden } = parallelLinear.embed(net.linear, noisyLatents, timesteps);
      return { hidden: hidden.add(unetHidden), skips };
    },
    project: (params, hidden, timesteps, skips, latentShape) => {
      const net = params as UnetAdapterParams;
      const [height, width] = latentShape;
      const time = timestepEmbedding(net.timestep, timesteps);
      const remaining = [...(skips as AdapterSkips & readonly tf.Tensor4D[])];
      let x = linear(net.fromModel, hidden).reshape([-1, height / k, width / k, lowest]) as tf.Tensor4D;
      for (const { blocks, resample } of net.up) {
        x = applyBlocks(blocks, tf.concat([x, remaining.pop()!], 3), time);
        if (resample !== undefined) x = conv2d(resample, upsample2x(x));
      }
      const normed = groupNorm(net.norm, x, residualBlockGroups(channels[0])) as tf.Tensor4D;
      const predicted = conv2d(net.out, silu(normed) as tf.Tensor4D);
      return predicted.add(parallelLinear.project(net.linear, hidden, timesteps, [], latentShape));
    },
    flops: (latentShape: Shape) => {
      const [height, width] = latentShape;
      const unetFlops = countFlops({ height, width, C, channels, numBlocks, modelDim, timeDim });
      return unetFlops + parallelLinear.flops(latentShape);
    },
  };
}

function applyBlocks(blocks: readonly ResidualBlockParams[], x: tf.Tensor4D, time: tf.Tensor): tf.Tensor4D {
  return blocks.reduce((hidden, block) => residualBlock(block, hidden, time), x);
}

/** Counts two operations per multiplication, over convolutions and matrix products. */
function countFlops(config: {
  readonly height: number;
  readonly width: number;
  readonly C: number;
  readonly channels: readonly number[];
  readonly numBlocks: number;
  readonly modelDim: number;
  readonly timeDim: number;
}): number {
  const { height, width, C, channels, numBlocks, modelDim, timeDim } = config;
  const conv = (positions: number, from: number, to: number, kernel = 3): number =>
    2 * positions * kernel ** 2 * from * to;
  const time = 2 * 2 * (FREQUENCY_DIM * timeDim + timeDim * timeDim);
  return channels.reduce(
    (sum, ch, level) => {
      const positions = (height * width) / 4 ** level;
      const plain = 2 * conv(positions, ch, ch);
      const joining = conv(positions, 2 * ch, ch) + conv(positions, ch, ch) + conv(positions, 2 * ch, ch, 1);
      const blocks = plain * (2 * numBlocks - 1) + joining + 2 * 2 * numBlocks * timeDim * ch;
      const next = channels[level + 1];
      // Downsampling to a quarter of the positions, and upsampling back.
      if (next !== undefined) return sum + blocks + conv(positions / 4, ch, next) + conv(positions, next, ch);
      return sum + blocks + 2 * 2 * positions * ch * modelDim;
    },
    time + 2 * conv(height * width, C, channels[0]),
  );
}

function checkConfig(patchSize: number, channels: readonly number[], numBlocks: number): void {
  const fail = (problem: string): never => {
    throw new TransfusionError('invalid-argument', `unetAdapter: ${problem}`);
  };
  const numLevels = Math.log2(patchSize) + 1;
  if (!Number.isInteger(numLevels) || numLevels < 1) {
    fail(`the patch size is ${patchSize}, expected a power of two: each resolution halves the sides.`);
  }
  if (channels.length !== numLevels) {
    fail(
      `channels has ${channels.length} elements, expected ${numLevels} for patches of ` +
        `${patchSize} x ${patchSize}: one per resolution.`,
    );
  }
  const counts = [
    ['numBlocks', numBlocks] as const,
    ...channels.map((c, i) => [`channels[${i}]`, c] as const),
  ];
  for (const [name, count] of counts) {
    if (!isPositiveInteger(count)) fail(`${name} is ${count}, expected a positive integer.`);
  }
}
