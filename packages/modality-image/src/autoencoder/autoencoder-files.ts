/** An autoencoder as a folder: `autoencoder.json` with sizes and statistics, `autoencoder.safetensors` with weights. */
import type { LatentStatistics } from './autoencoder-codec.js';
import {
  configProblem,
  createAutoencoder,
  type Autoencoder,
  type AutoencoderConfig,
  type AutoencoderParams,
} from './autoencoder.js';
import { readNetworkInfo, readNetworkWeights, writeNetwork } from './network-files.js';

/** A trained autoencoder. */
export interface TrainedAutoencoder {
  readonly autoencoder: Autoencoder;
  readonly params: AutoencoderParams;
  readonly statistics: LatentStatistics;
}

interface AutoencoderInfo {
  readonly formatVersion: 1;
  readonly config: AutoencoderConfig;
  readonly statistics: LatentStatistics;
}

/** Writes the folder. @param precision `half` by default: half the size, and no difference to be seen */
export async function writeAutoencoder(
  folder: string,
  { autoencoder, params, statistics }: TrainedAutoencoder,
  precision: 'single' | 'half' = 'half',
): Promise<void> {
  const info: AutoencoderInfo = { formatVersion: 1, config: autoencoder.config, statistics };
  await writeNetwork(folder, 'autoencoder', info, params, precision);
}

/**
 * Reads what {@link writeAutoencoder} wrote; the parameters are the caller's to dispose of.
 *
 * @throws TransfusionError `invalid-file` for files that are missing, damaged or not finite, `mismatch` for
 *   weights of other sizes; the message names the file and what is wrong in it
 */
export async function readAutoencoder(folder: string): Promise<TrainedAutoencoder> {
  const { config, statistics } = await readNetworkInfo<AutoencoderInfo>(folder, 'autoencoder', problemOf);
  const autoencoder = createAutoencoder(config);
  return { autoencoder, params: await readNetworkWeights(folder, 'autoencoder', autoencoder), statistics };
}

function problemOf({ formatVersion, config, statistics }: Partial<AutoencoderInfo>): string | undefined {
  if (formatVersion !== 1) return `formatVersion is ${JSON.stringify(formatVersion)}, expected 1`;
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
