import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { listCheckpoints } from '@transfusion/trainer';

/**
 * Returns the folder itself if it is a checkpoint or an export, else the newest checkpoint of the run in it.
 *
 * @throws TransfusionError `not-found` if there is none
 */
export async function findCheckpoint(path: string): Promise<string> {
  if (existsSync(join(path, 'checkpoint.json'))) return path;
  const newest = (await listCheckpoints(join(path, 'checkpoints'))).at(-1);
  if (newest !== undefined) return newest.path;
  throw new TransfusionError(
    'not-found',
    `${path}: there is no checkpoint. Give the folder of a run that has written one, or a checkpoint's own folder.`,
  );
}
