/** A VQ autoencoder as files: `vq-autoencoder.json` with its config, `vq-autoencoder.safetensors` with its weights. */
import type { AssetReader, Assets } from '@transfusion/modality';
import {
  encodeNetwork,
  folderFiles,
  readNetwork,
  writeNetwork,
  type NetworkFormat,
  type NetworkInfo,
} from '../autoencoder/network-files.js';
import {
  createVqAutoencoder,
  vqConfigProblem,
  type VqAutoencoder,
  type VqAutoencoderConfig,
  type VqAutoencoderParams,
} from './vq-autoencoder.js';

/** A trained VQ autoencoder. */
export interface TrainedVqAutoencoder {
  readonly autoencoder: VqAutoencoder;
  readonly params: VqAutoencoderParams;
}

interface VqAutoencoderInfo extends NetworkInfo {
  readonly config: VqAutoencoderConfig;
}

const format: NetworkFormat<VqAutoencoderInfo, VqAutoencoder> = {
  name: 'vq-autoencoder',
  problemOf,
  create: ({ config }) => createVqAutoencoder(config),
};

/**
 * Writes the folder. Rounded weights may turn a few tokens of an image into neighbors: train a model on tokens of the
 * autoencoder that was read from the folder.
 *
 * @param dtype of the weights; defaults to `float16`: half the size
 */
export async function writeVqAutoencoder(
  folder: string,
  trained: TrainedVqAutoencoder,
  dtype: 'float32' | 'float16' = 'float16',
): Promise<void> {
  await writeNetwork(folder, format.name, infoOf(trained), trained.params, dtype);
}

/**
 * Reads a folder that {@link writeVqAutoencoder} wrote; the parameters are the caller's to dispose of.
 *
 * @throws TransfusionError `invalid-file` for files that are missing, damaged or not finite, `mismatch` for weights of
 *   another config, such as another codebook's; the message names the file and the problem
 */
export function readVqAutoencoder(folder: string): Promise<TrainedVqAutoencoder> {
  return decodeVqAutoencoder(folderFiles(folder));
}

/** Encodes the files of the folder exactly. */
export function encodeVqAutoencoder(trained: TrainedVqAutoencoder): Promise<Assets> {
  return encodeNetwork(format.name, infoOf(trained), trained.params);
}

/** The inverse of {@link encodeVqAutoencoder}; rejects as {@link readVqAutoencoder} does. */
export async function decodeVqAutoencoder(files: AssetReader): Promise<TrainedVqAutoencoder> {
  const { network, params } = await readNetwork(files, format);
  return { autoencoder: network, params };
}

function infoOf({ autoencoder: { config } }: TrainedVqAutoencoder): VqAutoencoderInfo {
  return { formatVersion: 1, config };
}

function problemOf({ config }: Partial<VqAutoencoderInfo>): string | undefined {
  const problem = vqConfigProblem(config);
  return problem === undefined ? undefined : `config.${problem}`;
}
