import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { badFolder } from './record-errors.js';

/**
 * Lists the files in a folder, recursively, sorted by path. Names that begin with a dot and links to folders are left
 * out; links to files are listed.
 *
 * @throws TransfusionError `invalid-file` if a folder cannot be read
 */
export async function listFiles(directory: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [directory];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readFolder(folder)) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (!entry.isSymbolicLink() || !(await isFolder(path))) files.push(path);
    }
  }
  // Sorted by code unit, not by locale: the order must be the same on every machine.
  return files.sort();
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw badFolder(folder, cause);
  }
}

/** Follows links. */
async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}
