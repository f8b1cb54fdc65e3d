/** Reads and writes a trained network: `<name>.json` with its config, `<name>.safetensors` with its weights. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { AssetReader, Assets } from '@transfusion/modality';
import {
  decodeParams,
  disposeParams,
  encodeParams,
  paramsToSafetensors,
  writeSafetensors,
  zeroRng,
  type Params,
  type Rng,
} from '@transfusion/nn';

/** Content of the JSON file. */
export interface NetworkInfo {
  readonly formatVersion: 1;
  readonly config: object;
}

/** The members of a network that reading its files needs. */
export interface StoredNetwork {
  /** Number of values in the parameters. */
  readonly numParams: number;
  init(rng: Rng): Params;
}

/** The file format of one kind of network. */
export interface NetworkFormat<Info extends NetworkInfo, Network extends StoredNetwork> {
  /** File name without `.json` and `.safetensors`. */
  readonly name: string;
  /** Describes the first problem of the JSON file; undefined if it is valid. */
  findProblem(info: Partial<Info>): string | undefined;
  create(info: Info): Network;
}

/** A network that was read from its files. */
export interface ReadNetwork<Info, Network extends StoredNetwork> {
  readonly info: Info;
  readonly network: Network;
  readonly params: ReturnType<Network['init']>;
}

/** Writes both files into a folder. */
export async function writeNetwork(
  folder: string,
  name: string,
  info: NetworkInfo,
  params: Params,
  dtype: 'float32' | 'float16',
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, `${name}.safetensors`), paramsToSafetensors(params, dtype));
  await writeFile(join(folder, `${name}.json`), infoBytes(info));
}

/** Encodes both files without loss of precision. */
export async function encodeNetwork(name: string, info: NetworkInfo, params: Params): Promise<Assets> {
  return { [`${name}.json`]: infoBytes(info), [`${name}.safetensors`]: await encodeParams(params) };
}

/**
 * Reads both files. The caller disposes of the parameters.
 *
 * @throws TransfusionError `invalid-file`, naming the file, for files that are missing, damaged or have non-finite
 *   weights, `mismatch` for weights of a different config
 */
export async function readNetwork<Info extends NetworkInfo, Network extends StoredNetwork>(
  files: NetworkFiles,
  format: NetworkFormat<Info, Network>,
): Promise<ReadNetwork<Info, Network>> {
  const { name, create } = format;
  const info = await readInfo(files, format);
  const network = create(info);
  const bytes = await readNetworkFile(files, `${name}.safetensors`);
  checkSize(bytes, network.numParams, pathOf(files, `${name}.safetensors`), name);
  const template = network.init(zeroRng) as ReturnType<Network['init']>;
  try {
    const params = await decodeParams(template, bytes, pathOf(files, `${name}.safetensors`));
    return { info, network, params };
  } finally {
    disposeParams(template);
  }
}

/** Minimum number of bytes per parameter in the file. */
const MIN_BYTES = 2;

/** Refuses files of a different config, before memory is allocated for its sizes, which may be absurd. */
function checkSize(bytes: Uint8Array, numParams: number, path: string, name: string): void {
  if (bytes.length >= MIN_BYTES * numParams) return;
  throw new TransfusionError(
    'mismatch',
    `${path}: has ${bytes.length} bytes, expected at least ${MIN_BYTES * numParams} for the config of ${name}.json. ` +
      'Copy both files again, from the same training.',
  );
}

/** Files to read from: those of a folder, or of a checkpoint. */
export interface NetworkFiles extends AssetReader {
  /** The folder, for messages. */
  readonly folder?: string;
}

/** Returns the files of a folder. */
export function folderFiles(folder: string): NetworkFiles {
  return { folder, read: (name) => readFile(join(folder, name)) };
}

function infoBytes(info: NetworkInfo): Uint8Array {
  return Buffer.from(`${JSON.stringify(info, undefined, 2)}\n`);
}

async function readInfo<Info extends NetworkInfo>(
  files: NetworkFiles,
  { name, findProblem }: Pick<NetworkFormat<Info, never>, 'name' | 'findProblem'>,
): Promise<Info> {
  const path = pathOf(files, `${name}.json`);
  const text = Buffer.from(await readNetworkFile(files, `${name}.json`)).toString();
  let info: Partial<Info>;
  try {
    info = Object(JSON.parse(text)) as Partial<Info>;
  } catch (cause) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: is not JSON (${(cause as Error).message}). Write the folder again.`,
      {
        cause,
      },
    );
  }
  const problem =
    info.formatVersion === 1
      ? findProblem(info)
      : `formatVersion is ${JSON.stringify(info.formatVersion)}, expected 1`;
  if (problem === undefined) return info as Info;
  throw new TransfusionError(
    'invalid-file',
    `${path}: ${problem}. Use a folder written by this version of the package.`,
  );
}

async function readNetworkFile(files: NetworkFiles, name: string): Promise<Uint8Array> {
  try {
    return await files.read(name);
  } catch (cause) {
    if (TransfusionError.isInstance(cause)) throw cause;
    const path = pathOf(files, name);
    throw new TransfusionError(
      'invalid-file',
      `${path}: cannot be read (${(cause as Error).message}). Check the path.`,
      { cause },
    );
  }
}

function pathOf({ folder = '' }: NetworkFiles, name: string): string {
  return join(folder, name);
}
