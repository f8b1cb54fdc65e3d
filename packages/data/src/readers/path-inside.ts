import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { badRecord } from './record-errors.js';

/**
 * Returns the path of a file that a record names. A record can only name files in its data set's folder, also through
 * symbolic links, so that a data set from somebody else cannot make a reader open other files.
 *
 * @throws TransfusionError `invalid-record` for a name that points outside the folder
 */
export async function pathInside(directory: string, name: string): Promise<string> {
  const path = resolve(directory, name);
  if (!isInside(resolve(directory), path) || !(await isReallyInside(directory, path))) {
    throw badRecord(
      `'${name}' points outside the folder '${directory}'. Fix the path, or open the parent folder instead.`,
    );
  }
  return path;
}

/** Resolves links in both paths: the folder itself may be a link. */
async function isReallyInside(directory: string, path: string): Promise<boolean> {
  try {
    return isInside(await realpath(directory), await realpath(path));
  } catch {
    // A missing file: reading it says so.
    return true;
  }
}

function isInside(directory: string, path: string): boolean {
  const inside = relative(directory, path);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}
