/**
 * `checkpoint.json`: the run's progress and model config, and the size and SHA-256 of every other file in the
 * checkpoint's folder. Its last entry is the SHA-256 of the others, so that damage to the file itself is
 * detected.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { damagedFileError } from './damaged-file-error.js';
import { sha256Of, type FileDigest } from './file-digest.js';

/** A run's state except for its tensors; must be JSON-serializable. */
export interface CheckpointInfo {
  /** Number of completed steps. */
  readonly step: number;
  /**
   * Number of consecutive steps, up to this one, skipped because the loss or gradient was not finite.
   */
  readonly skippedInARow: number;
  /** Data cursor after the last step; null at the beginning of the data. */
  readonly cursor: unknown;
  /** The model's `config`, which determines the shapes and meaning of its parameters; null if it has none. */
  readonly model: unknown;
  /** The caller's description of the run, such as recipe and seed. */
  readonly description: unknown;
}

const FORMAT_VERSION = 2;

/** The content of `checkpoint.json`, without its own hash. */
export interface CheckpointManifest extends CheckpointInfo {
  readonly formatVersion: typeof FORMAT_VERSION;
  /** All other files, by path relative to the folder. */
  readonly files: Readonly<Record<string, FileDigest>>;
}

/** File name of the {@link CheckpointManifest}. */
export const MANIFEST_FILE = 'checkpoint.json';

/** Matches a checkpoint's folder name; group 1 is the step. */
export const CHECKPOINT_NAME_PATTERN = /^step-(\d{8,})$/;

/** Encodes the text of `checkpoint.json`. */
export function encodeManifest(
  { step, skippedInARow, cursor, model, description }: CheckpointInfo,
  files: CheckpointManifest['files'],
): string {
  const content = {
    formatVersion: FORMAT_VERSION,
    step,
    skippedInARow,
    cursor: cursor ?? null,
    model: model ?? null,
    description: description ?? null,
    files,
  };
  return `${JSON.stringify({ ...content, sha256: sha256Of(JSON.stringify(content)) }, undefined, 2)}\n`;
}

/**
 * Reads and checks the `checkpoint.json` of a folder.
 *
 * @throws TransfusionError `invalid-file` if it is missing or damaged, has a different format version, or
 *   records a different step than the folder's name
 */
export async function readManifest(folder: string): Promise<CheckpointManifest> {
  const path = join(folder, MANIFEST_FILE);
  const { sha256, ...content } = await readJson(path);
  const { formatVersion } = content;
  if (formatVersion !== FORMAT_VERSION) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: the format version is ${JSON.stringify(formatVersion)}, expected ${FORMAT_VERSION}. ` +
        'Read it with the version of the package that wrote it.',
    );
  }
  const actual = sha256Of(JSON.stringify(content));
  if (actual !== sha256) throw damagedFileError(path, 'SHA-256 mismatch', actual, sha256);
  checkManifest(path, content);
  return content;
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw damagedFileError(path, code === 'ENOENT' ? 'the file does not exist' : message);
  }
  if (isObject(value)) return value;
  throw damagedFileError(path, 'it is not a JSON object');
}

function checkManifest(
  path: string,
  content: Readonly<Record<string, unknown>>,
): asserts content is Record<string, unknown> & CheckpointManifest {
  const { step, skippedInARow, files } = content;
  for (const [name, count] of Object.entries({ step, skippedInARow })) {
    if (!isNonNegativeInteger(count)) {
      throw damagedFileError(path, `${name} is ${JSON.stringify(count)}, expected a non-negative integer`);
    }
  }
  if (!isObject(files)) throw damagedFileError(path, `files is ${JSON.stringify(files)}, expected an object`);
  for (const [file, digest] of Object.entries(files)) {
    if (!isSafePath(file)) {
      throw damagedFileError(path, `it lists '${file}', which is not a path inside the folder`);
    }
    if (!isDigest(digest)) {
      throw damagedFileError(
        path,
        `files['${file}'] is ${JSON.stringify(digest)}, expected { bytes, sha256 }`,
      );
    }
  }
  // A folder of any other name, such as an export, is not checked.
  const stepInName = CHECKPOINT_NAME_PATTERN.exec(basename(dirname(path)))?.[1];
  if (stepInName !== undefined && Number(stepInName) !== step) {
    throw damagedFileError(
      path,
      `it records step ${String(step)}, but the folder is named for step ${Number(stepInName)}`,
    );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNonNegativeInteger(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isDigest(value: unknown): value is FileDigest {
  const { bytes, sha256 } = (value ?? {}) as Partial<FileDigest>;
  return isNonNegativeInteger(bytes) && typeof sha256 === 'string';
}

/** Returns true if a relative path with forward slashes stays inside the folder on any operating system. */
export function isSafePath(path: string): boolean {
  return (
    !/[\\:\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}
