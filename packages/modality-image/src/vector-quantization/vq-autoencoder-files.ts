/** Files of a VQ autoencoder: `vq-autoencoder.json` with its config, `vq-autoencoder.safetensors` with its weights. */
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
  findProblem,
  create: ({ config }) => createVqAutoencoder(config),
};

/**
 * Writes a VQ autoencoder to a folder. With rounded weights, a few tokens of an image can change: train a model on tokens
 * of the autoencoder that was read from the folder.
 *
 * @param dtype of the weights; defaults to `float16`: half the size
 */
export async function writeVqAutoencoder(
  folder: string,
  trained: TrainedVqAutoencoder,
  dtype: 'float32' | 'float16' = 'float16',
): Promise<void> {
  await writeNetwork(folder, format.name, networkInfo(trained), trained.params, dtype);
}

/**
 * Reads a folder that {@link writeVqAutoencoder} wrote. The caller disposes of the parameters.
 *
 * @throws TransfusionError `invalid-file`, naming the file, for files that are missing, damaged or have non-finite
 *   weights, `mismatch` for weights of a different config, such as another codebook size
 */
export function readVqAutoencoder(folder: string): Promise<TrainedVqAutoencoder> {
  return decodeVqAutoencoder(folderFiles(folder));
}

/** Encodes a VQ autoencoder as files, without loss of precision. */
export function encodeVqAutoencoder(trained: TrainedVqAutoencoder): Promise<Assets> {
  return encodeNetwork(format.name, networkInfo(trained), trained.params);
}

/** Decodes the files of {@link encodeVqAutoencoder}; rejects like {@link readVqAutoencoder}. */
export async function decodeVqAutoencoder(files: AssetReader): Promise<TrainedVqAutoencoder> {
  const { network, params } = await readNetwork(files, format);
  return { autoencoder: network, params };
}

function networkInfo({ autoencoder: { config } }: TrainedVqAutoencoder): VqAutoencoderInfo {
  return { formatVersion: 1, config };
}

function findProblem({ config }: Partial<VqAutoencoderInfo>): string | undefined {
  const problem = vqConfigProblem(config);
  return problem === undefined ? undefined : `config.${problem}`;
}
