/** An autoencoder as a folder: `autoencoder.json` with sizes and statistics, `autoencoder.safetensors` with weights. */
import type { LatentStatistics } from './autoencoder-codec.js';
import {
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
  if (!Array.isArray(config?.channels)) return 'config.channels is no list of numbers';
  for (const name of ['mean', 'stddev'] as const) {
    const values: unknown = statistics?.[name];
    const isComplete =
      Array.isArray(values) && values.length === config.latentChannels && values.every(Number.isFinite);
    if (!isComplete) return `statistics.${name} is no list of ${config.latentChannels} numbers`;
  }
  return undefined;
}
