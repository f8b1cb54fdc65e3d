/**
 * The convolutional autoencoder with a codebook in place of its Gaussian: a VQ-VAE (van den Oord et al. 2017).
 * An image is then a grid of integers.
 */
import type * as tf from '@tensorflow/tfjs';
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

/** Config of a VQ autoencoder; `latentChannels` are those of the codebook's entries. */
export interface VqAutoencoderConfig extends AutoencoderConfig {
  /** Number of entries of the codebook; 16,384 in the paper's baseline. */
  readonly codebookSize: number;
}

/** Tells the config of a VQ autoencoder from that of one with a Gaussian latent. */
export function hasCodebook(config: AutoencoderConfig | VqAutoencoderConfig): config is VqAutoencoderConfig {
  return 'codebookSize' in config && config.codebookSize !== undefined;
}

/** Describes what is wrong with a config that comes from a file or a program, if anything. */
export function vqConfigProblem(config: Partial<VqAutoencoderConfig> | undefined): string | undefined {
  return configProblem(config) ?? sizeProblem({ codebookSize: config?.codebookSize }, MAX_CODES);
}

/** Far above any real codebook. */
const MAX_CODES = 2 ** 20;

/** Parameters of the two networks, and the codebook [codebookSize, latentChannels]. */
export type VqAutoencoderParams = AutoencoderParams & { readonly codebook: tf.Tensor2D };

/**
 * A VQ autoencoder as pure functions over its parameters. `encode` returns vectors that are not quantized yet
 * (see `nearestCodes`), `decode` takes entries of the codebook (see `lookUpCodes`).
 */
export interface VqAutoencoder extends Omit<EncoderDecoder, 'init'> {
  readonly config: VqAutoencoderConfig;
  init(rng: Rng): VqAutoencoderParams;
}

/**
 * Makes a VQ autoencoder.
 *
 * @throws TransfusionError `invalid-argument` for a config that is not of positive integers, or of absurdly large ones
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
