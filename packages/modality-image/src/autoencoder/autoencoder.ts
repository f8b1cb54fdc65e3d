/**
 * A convolutional image autoencoder with a Gaussian latent (Kingma & Welling 2014), like Stable Diffusion's (Rombach et
 * al. 2022, section 3.1): residual blocks with group norms, downsampling by strided convolutions, upsampling by nearest
 * neighbor and a convolution. Unlike Stable Diffusion's, it has no attention, and it can start with patches of pixels
 * (as in Chen et al. 2025, "Deep Compression Autoencoder"), for fewer positions with more channels.
 */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import {
  conv2d,
  groupNorm,
  initConv2d,
  initLayerNorm,
  initResidualBlock,
  residualBlock,
  residualBlockGroups,
  silu,
  upsample2x,
  type Conv2dParams,
  type LayerNormParams,
  type ResidualBlockParams,
  type Rng,
} from '@transfusion/nn';
import { patchify, unpatchify } from '../patches.js';

/** Config of an autoencoder. */
export interface AutoencoderConfig {
  /** k: a patch of k × k pixels is one position at the first resolution; defaults to 1. */
  readonly patchSize?: number;
  /** Channels at each resolution, from the highest; each further resolution halves the sides. */
  readonly channels: readonly number[];
  /** Number of latent channels. */
  readonly latentChannels: number;
  /** Number of residual blocks per resolution in the encoder; the decoder has one more. */
  readonly numBlocks: number;
}

type Level = {
  readonly blocks: readonly ResidualBlockParams[];
  /** To the next resolution; absent at the last. */
  readonly resample?: Conv2dParams;
};

type Half = {
  readonly in: Conv2dParams;
  readonly levels: readonly Level[];
  readonly middle: readonly ResidualBlockParams[];
  readonly norm: LayerNormParams;
  readonly out: Conv2dParams;
};

/** Parameters of encoder and decoder. */
export type AutoencoderParams = {
  readonly encoder: Half;
  readonly decoder: Half;
};

/** A Gaussian over the latent of each image: [N, h / factor, w / factor, latentChannels] each. */
export interface LatentGaussian {
  readonly mean: tf.Tensor4D;
  readonly logVariance: tf.Tensor4D;
}

/** Encoder and decoder, without the bottleneck between them. */
export interface EncoderDecoder {
  /** Downsampling factor: pixels per latent position along each side. */
  readonly factor: number;
  /** Number of values in the parameters. */
  readonly numParams: number;
  init(rng: Rng): AutoencoderParams;
  /**
   * Encodes images [N, h, w, 3] from -1 to 1 -> [N, h / factor, w / factor, encodedChannels].
   *
   * @throws TransfusionError `mismatch` if h and w are not multiples of the patch size
   */
  encode(params: AutoencoderParams, images: tf.Tensor4D): tf.Tensor4D;
  /** Decodes latents [N, h, w, latentChannels] -> images [N, factor · h, factor · w, 3], about -1 to 1. */
  decode(params: AutoencoderParams, latents: tf.Tensor4D): tf.Tensor4D;
  /** Returns the number of floating-point operations of `encode` and `decode` for one image (convolutions only). */
  flops(imageSize: readonly [height: number, width: number]): number;
}

/** An autoencoder as pure functions of its parameters. */
export interface Autoencoder extends Omit<EncoderDecoder, 'encode'> {
  readonly config: AutoencoderConfig;
  /** Encodes images [N, h, w, 3] from -1 to 1. */
  encode(params: AutoencoderParams, images: tf.Tensor4D): LatentGaussian;
}

const IMAGE_CHANNELS = 3;

/** Number of middle blocks, at the lowest resolution. */
const NUM_MIDDLE_BLOCKS = 2;

/** Limits far above any real network: a damaged file is refused before it exhausts memory. */
const [MAX_RESOLUTIONS, MAX_BLOCKS, MAX_CHANNELS] = [12, 64, 16_384];

/** Range of log variances, so that their exponentials stay finite. */
const [MIN_LOG_VARIANCE, MAX_LOG_VARIANCE] = [-30, 20];

/**
 * Creates an autoencoder with a Gaussian latent.
 *
 * @throws TransfusionError `invalid-argument` for numbers that are not positive integers, or absurdly large
 */
export function createAutoencoder(config: AutoencoderConfig): Autoencoder {
  const halves = createEncoderDecoder(config, 2 * config.latentChannels);
  return {
    ...halves,
    config,
    encode: (params, images) => {
      const [mean, logVariance] = tf.split(halves.encode(params, images), 2, -1) as [
        tf.Tensor4D,
        tf.Tensor4D,
      ];
      return { mean, logVariance: tf.clipByValue(logVariance, MIN_LOG_VARIANCE, MAX_LOG_VARIANCE) };
    },
  };
}

/**
 * Creates encoder and decoder of an autoencoder. The encoder returns `encodedChannels`, the decoder takes
 * `latentChannels`.
 *
 * @throws TransfusionError `invalid-argument` for numbers that are not positive integers, or absurdly large
 */
export function createEncoderDecoder(config: AutoencoderConfig, encodedChannels: number): EncoderDecoder {
  checkConfig(config);
  const { patchSize = 1, channels, latentChannels, numBlocks } = config;
  const patchChannels = IMAGE_CHANNELS * patchSize ** 2;
  const lowest = channels[channels.length - 1];
  const upwards = [...channels].reverse();

  const initMiddle = (rng: Rng): ResidualBlockParams[] =>
    Array.from({ length: NUM_MIDDLE_BLOCKS }, (_, i) => initResidualBlock(rng.fork(i), lowest, lowest));
  const init = (rng: Rng): AutoencoderParams => ({
    encoder: {
      in: initConv2d(rng.fork('encoder in'), patchChannels, channels[0], 3),
      levels: initLevels(rng.fork('encoder'), channels, numBlocks),
      middle: initMiddle(rng.fork('encoder middle')),
      norm: initLayerNorm(lowest),
      out: initConv2d(rng.fork('encoder out'), lowest, encodedChannels, 3),
    },
    decoder: {
      in: initConv2d(rng.fork('decoder in'), latentChannels, lowest, 3),
      middle: initMiddle(rng.fork('decoder middle')),
      levels: initLevels(rng.fork('decoder'), upwards, numBlocks + 1),
      norm: initLayerNorm(channels[0]),
      out: initConv2d(rng.fork('decoder out'), channels[0], patchChannels, 3),
    },
  });

  return {
    factor: patchSize * 2 ** (channels.length - 1),
    numParams: countParams(config, encodedChannels),
    init,
    encode: ({ encoder }, images) => {
      let x = conv2d(encoder.in, toPatches(images, patchSize));
      for (const { blocks, resample } of encoder.levels) {
        x = applyBlocks(blocks, x);
        if (resample !== undefined) x = conv2d(resample, x, 2);
      }
      return finish(encoder, applyBlocks(encoder.middle, x));
    },
    decode: ({ decoder }, latents) => {
      let x = applyBlocks(decoder.middle, conv2d(decoder.in, latents));
      for (const { blocks, resample } of decoder.levels) {
        x = applyBlocks(blocks, x);
        if (resample !== undefined) x = conv2d(resample, upsample2x(x));
      }
      return fromPatches(finish(decoder, x), patchSize);
    },
    flops: (imageSize) => countFlops(config, encodedChannels, imageSize),
  };
}

/** Counts the weights, biases and norms that `init` creates. */
function countParams(
  { patchSize = 1, channels, latentChannels, numBlocks }: AutoencoderConfig,
  encodedChannels: number,
): number {
  const patchChannels = IMAGE_CHANNELS * patchSize ** 2;
  const conv = (from: number, to: number, kernel = 3): number => kernel ** 2 * from * to + to;
  const block = (from: number, to: number): number =>
    2 * (from + to) + conv(from, to) + conv(to, to) + (from === to ? 0 : conv(from, to, 1));
  const half = (widths: readonly number[], blocks: number, from: number, to: number, end: number): number => {
    const levels = widths.map((width, i) => {
      const resample = i === widths.length - 1 ? 0 : conv(width, width);
      return block(widths[Math.max(0, i - 1)], width) + (blocks - 1) * block(width, width) + resample;
    });
    const lowest = channels[channels.length - 1];
    const middle = NUM_MIDDLE_BLOCKS * block(lowest, lowest);
    return levels.reduce(
      (sum, level) => sum + level,
      conv(from, widths[0]) + middle + 2 * end + conv(end, to),
    );
  };
  const lowest = channels[channels.length - 1];
  return (
    half(channels, numBlocks, patchChannels, encodedChannels, lowest) +
    half([...channels].reverse(), numBlocks + 1, latentChannels, patchChannels, channels[0])
  );
}

/** Counts two operations per multiplication, over all convolutions of encoder and decoder. */
function countFlops(
  { patchSize = 1, channels, latentChannels, numBlocks }: AutoencoderConfig,
  encodedChannels: number,
  [height, width]: readonly [number, number],
): number {
  const positionsAt = (level: number): number => (height * width) / (patchSize ** 2 * 4 ** level);
  const conv = (positions: number, from: number, to: number, kernel = 3): number =>
    2 * positions * kernel ** 2 * from * to;
  const block = (positions: number, from: number, to: number): number =>
    conv(positions, from, to) + conv(positions, to, to) + (from === to ? 0 : conv(positions, from, to, 1));
  const last = channels.length - 1;
  const lowest = channels[last];
  const middle = 2 * NUM_MIDDLE_BLOCKS * block(positionsAt(last), lowest, lowest);
  const ends =
    2 * conv(positionsAt(0), IMAGE_CHANNELS * patchSize ** 2, channels[0]) +
    conv(positionsAt(last), lowest, encodedChannels + latentChannels);
  const levels = channels.map((width, level) => {
    const positions = positionsAt(level);
    const above = channels[Math.max(0, level - 1)];
    const below = channels[Math.min(last, level + 1)];
    const encoder = block(positions, above, width) + (numBlocks - 1) * block(positions, width, width);
    const decoder = block(positions, below, width) + numBlocks * block(positions, width, width);
    // Downsampling to the next resolution, and upsampling from it.
    const resampling =
      level === last ? 0 : conv(positionsAt(level + 1), width, width) + conv(positions, below, below);
    return encoder + decoder + resampling;
  });
  return levels.reduce((sum, flops) => sum + flops, middle + ends);
}

/** Samples a latent: mean + √variance · noise. */
export function sampleLatent({ mean, logVariance }: LatentGaussian, noise: tf.Tensor4D): tf.Tensor4D {
  return mean.add(logVariance.mul(0.5).exp().mul(noise));
}

/** Initializes one level per element of `channels`. */
function initLevels(rng: Rng, channels: readonly number[], numBlocks: number): Level[] {
  return channels.map((width, level) => {
    const previous = channels[Math.max(0, level - 1)];
    const levelRng = rng.fork(level);
    const blocks = Array.from({ length: numBlocks }, (_, i) =>
      initResidualBlock(levelRng.fork(i), i === 0 ? previous : width, width),
    );
    if (level === channels.length - 1) return { blocks };
    return { blocks, resample: initConv2d(levelRng.fork('resample'), width, width, 3) };
  });
}

function applyBlocks(blocks: readonly ResidualBlockParams[], x: tf.Tensor4D): tf.Tensor4D {
  return blocks.reduce((hidden, block) => residualBlock(block, hidden), x);
}

function finish({ norm, out }: Half, x: tf.Tensor4D): tf.Tensor4D {
  return conv2d(out, silu(groupNorm(norm, x, residualBlockGroups(x.shape[3]))) as tf.Tensor4D);
}

/** [N, h, w, 3] -> [N, h / k, w / k, 3 · k²]. */
function toPatches(images: tf.Tensor4D, k: number): tf.Tensor4D {
  if (k === 1) return images;
  const [N, h, w] = images.shape;
  return patchify(images, k).reshape([N, h / k, w / k, IMAGE_CHANNELS * k ** 2]);
}

/** The inverse of {@link toPatches}. */
function fromPatches(patches: tf.Tensor4D, k: number): tf.Tensor4D {
  if (k === 1) return patches;
  const [N, h, w, channels] = patches.shape;
  return unpatchify(patches.reshape([N, h * w, channels]), k, [h * k, w * k, IMAGE_CHANNELS]);
}

/** Describes the first problem of a config; undefined if it is valid. */
export function configProblem(config: Partial<AutoencoderConfig> | undefined): string | undefined {
  const { patchSize = 1, channels, latentChannels, numBlocks } = config ?? {};
  if (!Array.isArray(channels) || channels.length < 1 || channels.length > MAX_RESOLUTIONS) {
    return `channels is ${JSON.stringify(channels)}, expected a list of 1 to ${MAX_RESOLUTIONS} numbers`;
  }
  const widths = channels.map((width: unknown, i) => [`channels[${i}]`, width]);
  return (
    sizeProblem({ numBlocks }, MAX_BLOCKS) ??
    sizeProblem({ patchSize, latentChannels, ...Object.fromEntries(widths) }, MAX_CHANNELS)
  );
}

/** Describes the first size that is not a positive integer of at most `max`; undefined if all are. */
export function sizeProblem(sizes: Readonly<Record<string, unknown>>, max: number): string | undefined {
  const invalidSize = Object.entries(sizes).find(
    ([, size]) => !Number.isInteger(size) || Number(size) < 1 || Number(size) > max,
  );
  if (invalidSize === undefined) return undefined;
  const [name, size] = invalidSize;
  return `${name} is ${JSON.stringify(size)}, expected a positive integer of at most ${max}`;
}

function checkConfig(config: AutoencoderConfig): void {
  const problem = configProblem(config);
  if (problem === undefined) return;
  throw new TransfusionError('invalid-argument', `createAutoencoder: ${problem}.`);
}
