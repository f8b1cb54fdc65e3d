/** An autoencoder as a folder: `autoencoder.json` with sizes and statistics, `autoencoder.safetensors` with weights. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createRng,
  disposeParams,
  paramsFromSafetensors,
  paramsToSafetensors,
  readSafetensors,
  TransfusionError,
  writeSafetensors,
} from '@transfusion/nn';
import type { LatentStatistics } from './autoencoder-codec.js';
import {
  createAutoencoder,
  type Autoencoder,
  type AutoencoderConfig,
  type AutoencoderParams,
} from './autoencoder.js';

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

const INFO = 'autoencoder.json';
const WEIGHTS = 'autoencoder.safetensors';

/** Writes the folder. @param precision `half` by default: half the size, and no difference to be seen */
export async function writeAutoencoder(
  folder: string,
  { autoencoder, params, statistics }: TrainedAutoencoder,
  precision: 'single' | 'half' = 'half',
): Promise<void> {
  const info: AutoencoderInfo = { formatVersion: 1, config: autoencoder.config, statistics };
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, WEIGHTS), paramsToSafetensors(params, precision));
  await writeFile(join(folder, INFO), `${JSON.stringify(info, undefined, 2)}\n`);
}

/**
 * Reads what {@link writeAutoencoder} wrote; the parameters are the caller's to dispose of.
 *
 * @throws TransfusionError `invalid-file` for files that are missing, damaged or not finite, `mismatch` for
 *   weights of other sizes; the message names the file and what is wrong in it
 */
export async function readAutoencoder(folder: string): Promise<TrainedAutoencoder> {
  const { config, statistics } = await readInfo(join(folder, INFO));
  const autoencoder = createAutoencoder(config);
  const like = autoencoder.init(createRng(0));
  const file = await readSafetensors(join(folder, WEIGHTS));
  try {
    for (const name of file.tensors.keys()) {
      const { data } = await file.read(name);
      if (data.every((value) => Number.isFinite(value))) continue;
      throw new TransfusionError('invalid-file', `${file.path}: '${name}' has a weight that is not finite.`);
    }
    return { autoencoder, params: await paramsFromSafetensors(like, file), statistics };
  } finally {
    disposeParams(like);
    await file.close();
  }
}

async function readInfo(path: string): Promise<AutoencoderInfo> {
  let info: Partial<AutoencoderInfo>;
  try {
    info = (JSON.parse(await readFile(path, 'utf8')) ?? {}) as Partial<AutoencoderInfo>;
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}.`, { cause });
  }
  const problem = problemOf(info);
  if (problem === undefined) return info as AutoencoderInfo;
  throw new TransfusionError('invalid-file', `${path}: ${problem}.`);
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
