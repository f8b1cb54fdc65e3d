/** Reads and checks the descriptions in an exported folder: `config.json` and `generation_config.json`. */
import { TransfusionError } from '@transfusion/errors';
import {
  FORMAT_VERSION,
  type ExportConfig,
  type ExportedFile,
  type ExportedGeneration,
  type ExportPrecision,
} from '@transfusion/export/export-format';
import type { FolderReader, ReadOptions } from './folder-reader.js';

/** The descriptions in an exported folder. */
export interface ExportDescription {
  readonly config: ExportConfig;
  readonly generation: ExportedGeneration;
}

/**
 * Reads both descriptions.
 *
 * @throws TransfusionError `not-found` for a missing file, `invalid-file` for other content, `mismatch` for a folder of a
 *   later version
 */
export async function readDescription(
  folder: FolderReader,
  signal?: AbortSignal,
): Promise<ExportDescription> {
  const config = parseJson<ExportConfig>(folder, 'config.json', await folder.read('config.json', { signal }));
  checkConfig(config, `${folder.where}: config.json`);
  const generation = parseJson<ExportedGeneration>(
    folder,
    'generation_config.json',
    await readDescribed(folder, config, 'generation_config.json', { signal }),
  );
  checkGeneration(config, generation, `${folder.where}: generation_config.json`);
  return { config, generation };
}

/**
 * Returns the precision to load: the one asked for, or the first of the folder.
 *
 * @throws TransfusionError `not-found` if the folder lacks it
 */
export function choosePrecision(
  { precisions }: ExportConfig,
  asked: ExportPrecision | undefined,
): ExportPrecision {
  if (asked === undefined) return precisions[0];
  if (precisions.includes(asked)) return asked;
  throw new TransfusionError(
    'not-found',
    `loadModel: precision is '${asked}', expected one of the folder's: ${precisions.join(', ')}. ` +
      `Export the model with --precision ${asked}, or choose another.`,
  );
}

/**
 * Reads a file that `config.json` describes.
 *
 * @throws TransfusionError `not-found` if it is missing, `invalid-file` if its size is another
 */
export async function readDescribed(
  folder: FolderReader,
  { files }: ExportConfig,
  path: string,
  options: Omit<ReadOptions, 'expected'>,
): Promise<Uint8Array> {
  if (!Object.hasOwn(files, path)) throw invalid(`${folder.where}: config.json`, `it does not list ${path}`);
  const expected = files[path];
  const bytes = await folder.read(path, { ...options, expected });
  checkSize(bytes, expected, `${folder.where}: ${path}`);
  return bytes;
}

/** @throws TransfusionError `invalid-file` for a file of another size than `config.json` says */
export function checkSize(bytes: Uint8Array, expected: ExportedFile, where: string): void {
  if (bytes.length === expected.bytes) return;
  throw invalid(where, `it has ${bytes.length} bytes, expected ${expected.bytes} by config.json`);
}

function parseJson<T>(folder: FolderReader, path: string, bytes: Uint8Array): Partial<T> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw invalid(`${folder.where}: ${path}`, 'it is not JSON', cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalid(`${folder.where}: ${path}`, 'it is not an object');
}

function checkConfig(config: Partial<ExportConfig>, where: string): asserts config is ExportConfig {
  const { model_type: type, format_version: version } = config;
  if (type !== 'transfusion')
    throw invalid(where, `model_type is ${JSON.stringify(type)}, expected "transfusion"`);
  if (!isCount(version))
    throw invalid(where, `format_version is ${JSON.stringify(version)}, expected a number`);
  if (version > FORMAT_VERSION) {
    throw new TransfusionError(
      'mismatch',
      `${where}: format_version is ${version}, expected at most ${FORMAT_VERSION}. Update @transfusion/web, or export the ` +
        'model with the version of @transfusion/export that fits it.',
    );
  }
  for (const name of ['num_hidden_layers', 'num_key_value_heads', 'head_dim', 'hidden_size'] as const) {
    if (!isCount(config[name]))
      throw invalid(where, `${name} is ${JSON.stringify(config[name])}, expected a count`);
  }
  if (typeof config.files !== 'object' || config.files === null) {
    throw invalid(where, `files is ${JSON.stringify(config.files)}, expected the sizes of all files`);
  }
  for (const name of ['vocabulary', 'modalities', 'precisions'] as const) {
    if (!Array.isArray(config[name]) || config[name].length === 0) {
      throw invalid(where, `${name} is ${JSON.stringify(config[name])}, expected a list`);
    }
  }
}

function checkGeneration(
  { modalities }: ExportConfig,
  generation: Partial<ExportedGeneration>,
  where: string,
): asserts generation is ExportedGeneration {
  const { samplers = {} } = generation;
  for (const { kind, name } of modalities) {
    if (kind === 'discrete') continue;
    const own = samplers[name];
    if (
      !Array.isArray(own) ||
      own.length === 0 ||
      !own.every(({ steps }) => Array.isArray(steps) && steps.length > 0)
    ) {
      throw invalid(where, `it has no samplers for '${name}'`);
    }
  }
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function invalid(where: string, problem: string, cause?: unknown): TransfusionError {
  return new TransfusionError(
    'invalid-file',
    `${where}: ${problem}. Export the model again with \`transfusion export\`.`,
    { cause },
  );
}
