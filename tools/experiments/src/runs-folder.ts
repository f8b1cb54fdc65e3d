import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The folder of the runs; git ignores it. */
export const runsFolder = resolve(root, 'runs');

/** Resolves a path of the command line against the root of the workspace. */
export function fromRoot(path: string): string {
  return resolve(root, path);
}
