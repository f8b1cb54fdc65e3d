import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { listCheckpoints } from '@transfusion/trainer';

/**
 * Returns `path` itself if it is the folder of a checkpoint or an export, else the newest checkpoint of the run in it.
 *
 * @throws TransfusionError `not-found` if there is none
 */
export async function findCheckpoint(path: string): Promise<string> {
  if (existsSync(join(path, 'checkpoint.json'))) return path;
  const newest = (await listCheckpoints(join(path, 'checkpoints'))).at(-1);
  if (newest !== undefined) return newest.path;
  throw new TransfusionError(
    'not-found',
    `${path}: there is no checkpoint. Pass the folder of a run that has written one, or of the checkpoint itself.`,
  );
}
