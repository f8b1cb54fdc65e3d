/**
 * A run's checkpoints: one folder per step with the parameters, their EMA and the optimizer state as
 * safetensors, the model's other files, and `checkpoint.json` with the rest. A folder is renamed into place
 * once it is complete on disk, so every `step-…` folder is complete even if the process is killed.
 */
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { paramsToSafetensors, type Params } from '@transfusion/nn';
import { CHECKPOINT_NAME_PATTERN, readManifest, type CheckpointInfo } from './checkpoint-manifest.js';
import { syncFolder, writeCheckpointFiles, type CheckpointFiles } from './write-checkpoint-files.js';
import { withWriteErrors } from './with-write-errors.js';

/** Trees of a checkpoint by name. */
export type CheckpointTrees = Readonly<Record<string, Params>>;

/** Prefix of incomplete folders: while they are written or deleted. */
const TEMPORARY = '.tmp-';

/** Path and step of a checkpoint. */
export interface StoredCheckpoint {
  readonly path: string;
  readonly step: number;
}

/** Lists the checkpoints in a folder, oldest first; none if the folder does not exist. */
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
      const match = CHECKPOINT_NAME_PATTERN.exec(name);
      return match === null ? [] : [{ path: join(directory, name), step: Number(match[1]) }];
    })
    .sort((a, b) => a.step - b.step);
}

/**
 * Writes `step-…` into the folder. An existing checkpoint of this step is kept, since runs are deterministic.
 *
 * @param assets other files of the model: content by relative path with forward slashes
 * @throws TransfusionError `training-failed` if it cannot be written; other checkpoints stay intact
 */
export async function saveCheckpoint(
  directory: string,
  info: CheckpointInfo,
  trees: CheckpointTrees,
  assets: CheckpointFiles['assets'] = {},
): Promise<StoredCheckpoint> {
  const name = `step-${String(info.step).padStart(8, '0')}`;
  const path = join(directory, name);
  const stored = { path, step: info.step };
  const temporary = join(directory, `${TEMPORARY}${name}-${randomUUID()}`);
  try {
    return await withWriteErrors(path, async () => {
      if ((await listCheckpoints(directory)).some(({ step }) => step === info.step)) return stored;
      const tensors = Object.entries(trees).map(([tree, params]) => [tree, paramsToSafetensors(params)]);
      await writeCheckpointFiles(temporary, info, { trees: Object.fromEntries(tensors), assets });
      await rename(temporary, path);
      await syncFolder(directory);
      return stored;
    });
  } catch (error) {
    // A partial checkpoint must not fill the disk. If this fails too, the next start deletes it.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Deletes all checkpoints except the newest `keep` good ones and the newest of all. Those written while steps
 * were being skipped are not good: they equal the last good one. Those with an unreadable manifest are kept
 * and do not count: the cause may be temporary.
 */
export async function pruneCheckpoints(directory: string, keep: number): Promise<void> {
  const stored = await listCheckpoints(directory);
  if (stored.length <= keep) return;
  const areGood = await Promise.all(stored.map(({ path }) => isGood(path)));
  const good = stored.filter((_, i) => areGood[i] === true);
  const unreadable = stored.filter((_, i) => areGood[i] === undefined);
  const retained = new Set([...good.slice(-keep), ...unreadable, stored.at(-1)]);
  for (const checkpoint of stored.filter((candidate) => !retained.has(candidate))) {
    // Renamed first: a partly deleted folder must not look like a checkpoint.
    const doomed = join(directory, `${TEMPORARY}${randomUUID()}`);
    await rename(checkpoint.path, doomed);
    await rm(doomed, { recursive: true });
  }
}

/**
 * Returns false if the checkpoint was written while steps were being skipped, undefined if it cannot be read.
 */
async function isGood(path: string): Promise<boolean | undefined> {
  try {
    return (await readManifest(path)).skippedInARow === 0;
  } catch {
    return undefined;
  }
}

/** Renames a checkpoint to `set-aside-…`, so that its step can be written again. */
export async function setAsideCheckpoint(directory: string, { path }: StoredCheckpoint): Promise<void> {
  const name = `set-aside-${basename(path)}`;
  let target = join(directory, name);
  for (let i = 2; existsSync(target); i++) target = join(directory, `${name}-${i}`);
  await rename(path, target);
}

/** Deletes incomplete folders that killed processes left behind. */
export async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory);
  for (const name of names.filter((name) => name.startsWith(TEMPORARY))) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
}
