/**
 * The convolutional autoencoder with a codebook instead of a Gaussian: a VQ-VAE (van den Oord et al. 2017). It encodes an
 * image to a grid of integers.
 */
import type * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { normal, type Rng } from '@transfusion/nn';
import {
  configProblem,
  createEncoderDecoder,
  sizeProblem,
  type AutoencoderConfig,
  type AutoencoderParams,
  type EncoderDecoder,
} from '../autoencoder/autoencoder.js';

/** Config of a VQ autoencoder; `latentChannels` is the size of codebook entries. */
export interface VqAutoencoderConfig extends AutoencoderConfig {
  /** Number of codebook entries; 16,384 in the paper's baseline. */
  readonly codebookSize: number;
}

/** Returns true for the config of a VQ autoencoder, false for that of an autoencoder with a Gaussian latent. */
export function hasCodebook(config: AutoencoderConfig | VqAutoencoderConfig): config is VqAutoencoderConfig {
  return 'codebookSize' in config && config.codebookSize !== undefined;
}

/** Describes the first problem of a config; undefined if it is valid. */
export function vqConfigProblem(config: Partial<VqAutoencoderConfig> | undefined): string | undefined {
  return configProblem(config) ?? sizeProblem({ codebookSize: config?.codebookSize }, MAX_CODES);
}

/** A limit far above any real codebook size. */
const MAX_CODES = 2 ** 20;

/** Parameters of encoder and decoder, and the codebook [codebookSize, latentChannels]. */
export type VqAutoencoderParams = AutoencoderParams & { readonly codebook: tf.Tensor2D };

/**
 * A VQ autoencoder as pure functions of its parameters. `encode` returns vectors before quantization (see `nearestCodes`),
 * `decode` takes codebook entries (see `lookUpCodes`).
 */
export interface VqAutoencoder extends Omit<EncoderDecoder, 'init'> {
  readonly config: VqAutoencoderConfig;
  init(rng: Rng): VqAutoencoderParams;
}

/**
 * Creates a VQ autoencoder.
 *
 * @throws TransfusionError `invalid-argument` for numbers that are not positive integers, or absurdly large
 */
export function createVqAutoencoder(config: VqAutoencoderConfig): VqAutoencoder {
  const { codebookSize, latentChannels } = config;
  const problem = vqConfigProblem(config);
  if (problem !== undefined) {
    throw new TransfusionError('invalid-argument', `createVqAutoencoder: ${problem}.`);
  }
  const networks = createEncoderDecoder(config, latentChannels);
  return {
    ...networks,
    config,
    numParams: networks.numParams + codebookSize * latentChannels,
    init: (rng) => ({
      ...networks.init(rng),
      codebook: normal(rng.fork('codebook'), [codebookSize, latentChannels], 1) as tf.Tensor2D,
    }),
  };
}
