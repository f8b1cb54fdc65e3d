/**
 * Checkpoints: one folder a step with the parameters, their running mean and the optimizer's state as
 * safetensors, and `checkpoint.json` with the rest. A folder gets its name when all in it is on the
 * disk, so whenever the process is killed, every `step-…` folder is whole.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import {
  paramsFromSafetensors,
  paramsToSafetensors,
  readSafetensors,
  writeSafetensors,
  type Params,
} from '@transfusion/nn';
import { writing } from './write-error.js';

/** What `checkpoint.json` says; plain data. */
export interface CheckpointInfo {
  readonly formatVersion: 1;
  /** Steps done. */
  readonly step: number;
  /** Steps skipped in a row just before, because something was not finite. */
  readonly skippedInARow: number;
  /** Where the data goes on. */
  readonly cursor: unknown;
  /** Whatever is needed to make the same model again: sizes, vocabulary, recipe. */
  readonly description: unknown;
}

/** Trees of a checkpoint by file name. */
export type CheckpointTrees = Readonly<Record<string, Params>>;

const FOLDER = /^step-(\d{8,})$/;
/** The file of {@link CheckpointInfo}. */
export const INFO_FILE = 'checkpoint.json';

/** A checkpoint on the disk. */
export interface StoredCheckpoint {
  readonly path: string;
  readonly step: number;
}

/** The whole checkpoints in a folder, oldest first; none if there is no such folder. */
export async function listCheckpoints(directory: string): Promise<StoredCheckpoint[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .flatMap((name) => {
      const match = FOLDER.exec(name);
      return match === null ? [] : [{ path: join(directory, name), step: Number(match[1]) }];
    })
    .sort((a, b) => a.step - b.step);
}

/**
 * Writes `step-…` into the folder. If there is one of this step already, it stays as it is: equal steps
 * of a run are equal.
 *
 * @throws TransfusionError `training-failed` if it cannot be written; other checkpoints stay whole
 */
export async function saveCheckpoint(
  directory: string,
  info: CheckpointInfo,
  trees: CheckpointTrees,
): Promise<StoredCheckpoint> {
  const name = `step-${String(info.step).padStart(8, '0')}`;
  const path = join(directory, name);
  const stored = { path, step: info.step };
  const temporary = join(directory, `${TEMPORARY}${name}-${randomUUID()}`);
  try {
    return await writing(path, async () => {
      if ((await listCheckpoints(directory)).some(({ step }) => step === info.step)) return stored;
      await mkdir(temporary, { recursive: true });
      for (const [file, tree] of Object.entries(trees)) {
        await writeSafetensors(join(temporary, `${file}.safetensors`), paramsToSafetensors(tree));
      }
      await writeSynced(join(temporary, INFO_FILE), `${JSON.stringify(info, undefined, 2)}\n`);
      await syncFolder(temporary);
      await rename(temporary, path);
      await syncFolder(directory);
      return stored;
    });
  } catch (error) {
    // A full disk must not stay full for what is of no use. If this fails too, the next start does it.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * What a checkpoint says about itself.
 *
 * @throws TransfusionError `invalid-file` if it is no checkpoint of a version known here
 */
export async function readCheckpointInfo(path: string): Promise<CheckpointInfo> {
  const file = join(path, INFO_FILE);
  try {
    const info = JSON.parse(await readFile(file, 'utf8')) as CheckpointInfo;
    if (info.formatVersion === 1 && Number.isInteger(info.step)) return info;
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${file}: ${(cause as Error).message}`, { cause });
  }
  throw new TransfusionError(
    'invalid-file',
    `${file}: not a checkpoint of format version 1. Read it with the version that wrote it.`,
  );
}

/** Reads one tree of a checkpoint. @throws TransfusionError if it is not a tree like `like` */
export async function readCheckpointTree<P extends Params>(path: string, file: string, like: P): Promise<P> {
  const stored = await readSafetensors(join(path, `${file}.safetensors`));
  try {
    return await paramsFromSafetensors(like, stored);
  } finally {
    await stored.close();
  }
}

/** Deletes all but the newest `keep` checkpoints. */
export async function pruneCheckpoints(directory: string, keep: number): Promise<void> {
  const stored = await listCheckpoints(directory);
  for (const { path } of stored.slice(0, Math.max(0, stored.length - keep))) {
    // Under another name first: a folder that is half deleted must not look like a checkpoint.
    const doomed = join(directory, `${TEMPORARY}${randomUUID()}`);
    await rename(path, doomed);
    await rm(doomed, { recursive: true });
  }
}

/** Deletes what killed processes left half-written or half-deleted. */
export async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory);
  for (const name of names.filter((known) => known.startsWith(TEMPORARY))) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

const TEMPORARY = '.tmp-';

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename in the folder last. Windows has no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
