/**
 * Files of an autoencoder: `autoencoder.json` with config, statistics and preview, `autoencoder.safetensors` with weights.
 */
import type { AssetReader, Assets } from '@transfusion/modality';
import { latentPreviewProblem, type LatentPreview } from '../preview/latent-preview.js';
import {
  configProblem,
  createAutoencoder,
  type Autoencoder,
  type AutoencoderConfig,
  type AutoencoderParams,
} from './autoencoder.js';
import {
  encodeNetwork,
  folderFiles,
  readNetwork,
  writeNetwork,
  type NetworkFormat,
  type NetworkInfo,
} from './network-files.js';

/** Per-channel mean and standard deviation of latents. */
export interface LatentStatistics {
  readonly mean: readonly number[];
  readonly stddev: readonly number[];
}

/** A trained autoencoder. */
export interface TrainedAutoencoder {
  readonly autoencoder: Autoencoder;
  readonly params: AutoencoderParams;
  readonly statistics: LatentStatistics;
  /** Preview of latents normalized by `statistics`, of `fitLatentPreview`; absent if none was fitted. */
  readonly preview?: LatentPreview;
}

interface AutoencoderInfo extends NetworkInfo {
  readonly config: AutoencoderConfig;
  readonly statistics: LatentStatistics;
  readonly preview?: LatentPreview;
}

const format: NetworkFormat<AutoencoderInfo, Autoencoder> = {
  name: 'autoencoder',
  findProblem,
  create: ({ config }) => createAutoencoder(config),
};

/**
 * Writes an autoencoder to a folder.
 *
 * @param dtype of the weights; defaults to `float16`: half the size, without visible differences
 */
export async function writeAutoencoder(
  folder: string,
  trained: TrainedAutoencoder,
  dtype: 'float32' | 'float16' = 'float16',
): Promise<void> {
  await writeNetwork(folder, format.name, networkInfo(trained), trained.params, dtype);
}

/**
 * Reads a folder that {@link writeAutoencoder} wrote. The caller disposes of the parameters.
 *
 * @throws TransfusionError `invalid-file`, naming the file, for files that are missing, damaged or have non-finite
 *   weights, `mismatch` for weights of a different config
 */
export function readAutoencoder(folder: string): Promise<TrainedAutoencoder> {
  return decodeAutoencoder(folderFiles(folder));
}

/** Encodes an autoencoder as files, without loss of precision. */
export function encodeAutoencoder(trained: TrainedAutoencoder): Promise<Assets> {
  return encodeNetwork(format.name, networkInfo(trained), trained.params);
}

/** Decodes the files of {@link encodeAutoencoder}; rejects like {@link readAutoencoder}. */
export async function decodeAutoencoder(files: AssetReader): Promise<TrainedAutoencoder> {
  const { info, network, params } = await readNetwork(files, format);
  return { autoencoder: network, params, statistics: info.statistics, preview: info.preview };
}

function networkInfo({ autoencoder: { config }, statistics, preview }: TrainedAutoencoder): AutoencoderInfo {
  return { formatVersion: 1, config, statistics, preview };
}

function findProblem({ config, statistics, preview }: Partial<AutoencoderInfo>): string | undefined {
  const problem = configProblem(config);
  if (problem !== undefined) return `config.${problem}`;
  const { latentChannels } = config!;
  const isComplete = (values: unknown): values is number[] =>
    Array.isArray(values) && values.length === latentChannels && values.every(Number.isFinite);
  if (!isComplete(statistics?.mean)) return `statistics.mean is not a list of ${latentChannels} numbers`;
  const { stddev } = statistics;
  if (!isComplete(stddev) || !stddev.every((value) => value > 0)) {
    return `statistics.stddev is not a list of ${latentChannels} positive numbers`;
  }
  if (preview === undefined) return undefined;
  const previewProblem = latentPreviewProblem(preview, latentChannels);
  return previewProblem && `preview.${previewProblem}`;
}
