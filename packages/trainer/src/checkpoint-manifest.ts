/**
 * `checkpoint.json`: how far a run was, which model it trains, and size and SHA-256 of every other file of the
 * checkpoint's folder. Its last entry is the SHA-256 of the others, so that damage to the file itself is noticed.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { damaged } from './damaged.js';
import { sha256Of, type FileDigest } from './file-digest.js';

/** The state of a run in a checkpoint, but for its tensors; JSON. */
export interface CheckpointInfo {
  /** Steps done. */
  readonly step: number;
  /** Steps skipped in a row just before, because something was not finite. */
  readonly skippedInARow: number;
  /** Cursor of the data behind the last step; null for its beginning. */
  readonly cursor: unknown;
  /** The model's `config`: all that its parameters' shapes and meaning depend on; null if it has none. */
  readonly model: unknown;
  /** The caller's notes about the run: recipe, seed. */
  readonly description: unknown;
}

/** The content of `checkpoint.json`. */
export interface CheckpointManifest extends CheckpointInfo {
  readonly formatVersion: 2;
  /** All other files, by path relative to the folder. */
  readonly files: Readonly<Record<string, FileDigest>>;
}

/** The file of {@link CheckpointManifest}. */
export const MANIFEST_FILE = 'checkpoint.json';

/** Names of a run's checkpoints; the number is the step. */
export const CHECKPOINT_NAME = /^step-(\d{8,})$/;

const FORMAT_VERSION = 2;

/** The text of `checkpoint.json`. */
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
 * Reads and checks `checkpoint.json` of a folder.
 *
 * @throws TransfusionError `invalid-file` if there is none, it is damaged, of another format version, or of another
 *   step than the folder's name
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
  const found = sha256Of(JSON.stringify(content));
  if (found !== sha256) throw damaged(path, 'its content is not what it was written with', found, sha256);
  checkManifest(path, content as object as CheckpointManifest);
  return content as object as CheckpointManifest;
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw damaged(path, code === 'ENOENT' ? 'there is no such file' : message);
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw damaged(path, 'it holds no object');
}

function checkManifest(path: string, { step, skippedInARow, files }: CheckpointManifest): void {
  for (const [name, count] of Object.entries({ step, skippedInARow })) {
    if (!isCount(count)) {
      throw damaged(path, `${name} is ${JSON.stringify(count)}, expected a non-negative integer`);
    }
  }
  if (typeof files !== 'object' || files === null || Array.isArray(files)) {
    throw damaged(path, `files is ${JSON.stringify(files)}, expected an object`);
  }
  for (const [file, digest] of Object.entries(files)) {
    if (!isDigest(digest)) {
      throw damaged(path, `files['${file}'] is ${JSON.stringify(digest)}, expected { bytes, sha256 }`);
    }
  }
  const named = CHECKPOINT_NAME.exec(basename(join(path, '..')))?.[1];
  if (named !== undefined && Number(named) !== step) {
    throw damaged(path, `it is of step ${step}, but its folder of step ${Number(named)}`);
  }
  const unsafe = Object.keys(files).find((file) => !isSafePath(file));
  if (unsafe !== undefined) throw damaged(path, `it lists '${unsafe}', which is no path inside the folder`);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isDigest(value: unknown): value is FileDigest {
  const { bytes, sha256 } = (value ?? {}) as Partial<FileDigest>;
  return isCount(bytes) && typeof sha256 === 'string';
}

/** Returns true if a relative path with forward slashes stays inside the folder, on every system. */
export function isSafePath(path: string): boolean {
  return (
    !/[\\:\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}
