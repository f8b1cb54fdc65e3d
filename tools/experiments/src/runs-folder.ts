import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Where runs are kept; git ignores it. */
export const runsFolder = resolve(root, 'runs');

/** A path of the command line: as the commands of the workspace, seen from its root. */
export function fromRoot(path: string): string {
  return resolve(root, path);
}
