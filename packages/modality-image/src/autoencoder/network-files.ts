/** A trained network as two files of a folder: a JSON file that describes it, and its weights. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import {
  createRng,
  disposeParams,
  paramsFromSafetensors,
  paramsToSafetensors,
  readSafetensors,
  writeSafetensors,
  type Params,
  type Rng,
} from '@transfusion/nn';

/** The files' name without `.json` and `.safetensors`. */
export type NetworkName = 'autoencoder' | 'vq-autoencoder';

/** Writes `<name>.json` and `<name>.safetensors`. */
export async function writeNetwork(
  folder: string,
  name: NetworkName,
  info: object,
  params: Params,
  precision: 'single' | 'half',
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, `${name}.safetensors`), paramsToSafetensors(params, precision));
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(info, undefined, 2)}\n`);
}

/**
 * Reads `<name>.json`.
 *
 * @param problemOf says what is wrong in it
 * @throws TransfusionError `invalid-file`, naming the file, if it is missing, no JSON, or something is wrong
 */
export async function readNetworkInfo<Info extends object>(
  folder: string,
  name: NetworkName,
  problemOf: (info: Partial<Info>) => string | undefined,
): Promise<Info> {
  const path = join(folder, `${name}.json`);
  let info: Partial<Info>;
  try {
    info = (JSON.parse(await readFile(path, 'utf8')) ?? {}) as Partial<Info>;
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}.`, { cause });
  }
  const problem = problemOf(info);
  if (problem === undefined) return info as Info;
  throw new TransfusionError('invalid-file', `${path}: ${problem}.`);
}

/**
 * Reads `<name>.safetensors` as the parameters of a network.
 *
 * @throws TransfusionError `invalid-file` if it is missing, damaged or not finite, `mismatch` for other sizes
 */
export async function readNetworkWeights<P extends Params>(
  folder: string,
  name: NetworkName,
  network: { init(rng: Rng): P },
): Promise<P> {
  const like = network.init(createRng(0));
  const file = await readSafetensors(join(folder, `${name}.safetensors`));
  try {
    return await paramsFromSafetensors(like, file);
  } finally {
    disposeParams(like);
    await file.close();
  }
}
