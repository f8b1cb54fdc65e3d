/**
 * A run's checkpoints: one folder a step with the parameters, their EMA and the optimizer's state as safetensors,
 * the model's further files, and `checkpoint.json` with the rest. A folder gets its name when all in it is on the
 * disk, so whenever the process is killed, every `step-…` folder is whole.
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

/** Begins the names of folders that are half-written or half-deleted. */
const TEMPORARY = '.tmp-';

/** Path and step of a checkpoint. */
export interface StoredCheckpoint {
  readonly path: string;
  readonly step: number;
}

/** Lists the checkpoints in a folder, oldest first; none if there is no such folder. */
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
 * Writes `step-…` into the folder. If there is one of this step already, it stays as it is: equal steps of a run are
 * equal.
 *
 * @param assets further files that the model needs: content by relative path with forward slashes
 * @throws TransfusionError `training-failed` if it cannot be written; other checkpoints stay whole
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
    // A partial checkpoint must not fill the disk. If this fails too, the next start does it.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Deletes all but the newest `keep` good checkpoints and the newest of all. Those written while steps were being
 * skipped are not good: they add nothing to the last one before. Those whose manifest cannot be read stay, and do not
 * count: the cause may pass.
 */
export async function pruneCheckpoints(directory: string, keep: number): Promise<void> {
  const stored = await listCheckpoints(directory);
  if (stored.length <= keep) return;
  const stepping = await Promise.all(stored.map(({ path }) => wasStepping(path)));
  const good = stored.filter((_, i) => stepping[i] === true);
  const unreadable = stored.filter((_, i) => stepping[i] === undefined);
  const kept = new Set([...good.slice(-keep), ...unreadable, stored.at(-1)]);
  for (const checkpoint of stored.filter((candidate) => !kept.has(candidate))) {
    // Under another name first: a folder that is half deleted must not look like a checkpoint.
    const doomed = join(directory, `${TEMPORARY}${randomUUID()}`);
    await rename(checkpoint.path, doomed);
    await rm(doomed, { recursive: true });
  }
}

/** Returns false if the checkpoint was written while steps were being skipped, undefined if it cannot be read. */
async function wasStepping(path: string): Promise<boolean | undefined> {
  try {
    return (await readManifest(path)).skippedInARow === 0;
  } catch {
    return undefined;
  }
}

/** Renames a checkpoint to `set-aside-…`, so that its step can be written anew. */
export async function setAsideCheckpoint(directory: string, { path }: StoredCheckpoint): Promise<void> {
  const name = `set-aside-${basename(path)}`;
  let target = join(directory, name);
  for (let i = 2; existsSync(target); i++) target = join(directory, `${name}-${i}`);
  await rename(path, target);
}

/** Deletes what killed processes left half-written or half-deleted. */
export async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory);
  for (const name of names.filter((known) => known.startsWith(TEMPORARY))) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
}
