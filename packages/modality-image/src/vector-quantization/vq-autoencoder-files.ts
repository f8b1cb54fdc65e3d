/** A VQ autoencoder as a folder: `vq-autoencoder.json` with its sizes, `vq-autoencoder.safetensors` with weights. */
import { configProblem, sizeProblem } from '../autoencoder/autoencoder.js';
import { readNetworkInfo, readNetworkWeights, writeNetwork } from '../autoencoder/network-files.js';
import {
  createVqAutoencoder,
  type VqAutoencoder,
  type VqAutoencoderConfig,
  type VqAutoencoderParams,
} from './vq-autoencoder.js';

/** A trained VQ autoencoder. */
export interface TrainedVqAutoencoder {
  readonly autoencoder: VqAutoencoder;
  readonly params: VqAutoencoderParams;
}

interface VqAutoencoderInfo {
  readonly formatVersion: 1;
  readonly config: VqAutoencoderConfig;
}

/**
 * Writes the folder. Rounded weights may turn a few tokens of an image into neighbors: a model is to be
 * trained on tokens of the autoencoder that was read from the folder.
 *
 * @param precision `half` by default: half the size
 */
export async function writeVqAutoencoder(
  folder: string,
  { autoencoder, params }: TrainedVqAutoencoder,
  precision: 'single' | 'half' = 'half',
): Promise<void> {
  const info: VqAutoencoderInfo = { formatVersion: 1, config: autoencoder.config };
  await writeNetwork(folder, 'vq-autoencoder', info, params, precision);
}

/**
 * Reads what {@link writeVqAutoencoder} wrote; the parameters are the caller's to dispose of.
 *
 * @throws TransfusionError `invalid-file` for files that are missing, damaged or not finite, `mismatch` for
 *   weights of other sizes, such as another codebook's; the message names the file and what is wrong in it
 */
export async function readVqAutoencoder(folder: string): Promise<TrainedVqAutoencoder> {
  const { config } = await readNetworkInfo<VqAutoencoderInfo>(folder, 'vq-autoencoder', problemOf);
  const autoencoder = createVqAutoencoder(config);
  return { autoencoder, params: await readNetworkWeights(folder, 'vq-autoencoder', autoencoder) };
}

function problemOf({ formatVersion, config }: Partial<VqAutoencoderInfo>): string | undefined {
  if (formatVersion !== 1) return `formatVersion is ${JSON.stringify(formatVersion)}, expected 1`;
  const problem = configProblem(config) ?? sizeProblem({ codebookSize: config?.codebookSize });
  return problem === undefined ? undefined : `config.${problem}`;
}
