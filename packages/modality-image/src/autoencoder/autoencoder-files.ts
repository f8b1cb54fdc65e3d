/** An autoencoder as files: `autoencoder.json` with its config and statistics, `autoencoder.safetensors` with weights. */
import type { AssetReader, Assets } from '@transfusion/modality';
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

/** Mean and standard deviation of latents by channel. */
export interface LatentStatistics {
  readonly mean: readonly number[];
  readonly stddev: readonly number[];
}

/** A trained autoencoder. */
export interface TrainedAutoencoder {
  readonly autoencoder: Autoencoder;
  readonly params: AutoencoderParams;
  readonly statistics: LatentStatistics;
}

interface AutoencoderInfo extends NetworkInfo {
  readonly config: AutoencoderConfig;
  readonly statistics: LatentStatistics;
}

const format: NetworkFormat<AutoencoderInfo, Autoencoder> = {
  name: 'autoencoder',
  problemOf,
  create: ({ config }) => createAutoencoder(config),
};

/** Writes the folder. @param dtype of the weights; defaults to `float16`: half the size, without a visible difference */
export async function writeAutoencoder(
  folder: string,
  trained: TrainedAutoencoder,
  dtype: 'float32' | 'float16' = 'float16',
): Promise<void> {
  await writeNetwork(folder, format.name, infoOf(trained), trained.params, dtype);
}

/**
 * Reads a folder that {@link writeAutoencoder} wrote; the parameters are the caller's to dispose of.
 *
 * @throws TransfusionError `invalid-file` for files that are missing, damaged or not finite, `mismatch` for weights of
 *   another config; the message names the file and the problem
 */
export function readAutoencoder(folder: string): Promise<TrainedAutoencoder> {
  return decodeAutoencoder(folderFiles(folder));
}

/** Encodes the files of the folder exactly. */
export function encodeAutoencoder(trained: TrainedAutoencoder): Promise<Assets> {
  return encodeNetwork(format.name, infoOf(trained), trained.params);
}

/** The inverse of {@link encodeAutoencoder}; rejects as {@link readAutoencoder} does. */
export async function decodeAutoencoder(files: AssetReader): Promise<TrainedAutoencoder> {
  const { info, network, params } = await readNetwork(files, format);
  return { autoencoder: network, params, statistics: info.statistics };
}

function infoOf({ autoencoder: { config }, statistics }: TrainedAutoencoder): AutoencoderInfo {
  return { formatVersion: 1, config, statistics };
}

function problemOf({ config, statistics }: Partial<AutoencoderInfo>): string | undefined {
  const problem = configProblem(config);
  if (problem !== undefined) return `config.${problem}`;
  const { latentChannels } = config!;
  const isComplete = (values: unknown): values is number[] =>
    Array.isArray(values) && values.length === latentChannels && values.every(Number.isFinite);
  if (!isComplete(statistics?.mean)) return `statistics.mean is no list of ${latentChannels} numbers`;
  const { stddev } = statistics;
  if (isComplete(stddev) && stddev.every((value) => value > 0)) return undefined;
  return `statistics.stddev is no list of ${latentChannels} positive numbers`;
}
