import { mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';

/**
 * Writes the files of a project into a folder, which is created if there is none. All of them, or none.
 *
 * @param files contents by path with forward slashes
 * @throws TransfusionError `invalid-argument` if the folder holds anything, or is a file
 */
export async function writeProject(target: string, files: ReadonlyMap<string, string>): Promise<void> {
  await checkEmpty(target);
  const created = await mkdir(target, { recursive: true });
  const partial = await mkdtemp(join(target, '.partial-'));
  try {
    for (const [path, text] of files) {
      const file = join(partial, ...path.split('/'));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    for (const entry of await readdir(partial)) await rename(join(partial, entry), join(target, entry));
    await rmdir(partial);
  } catch (error) {
    // Created is the topmost folder that this call made.
    await rm(created ?? partial, { recursive: true, force: true });
    throw error;
  }
}

/** @throws TransfusionError `invalid-argument` if a folder holds anything, or is a file */
export async function checkEmpty(target: string): Promise<void> {
  const entries = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code !== 'ENOTDIR') throw error;
    throw new TransfusionError(
      'invalid-argument',
      `${target}: is a file, expected a new or empty folder. Name another one.`,
    );
  });
  if (entries.length === 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `${target}: the folder holds ${entries.length === 1 ? entries[0] : `${entries.length} entries, such as ${entries[0]}`}, ` +
      'expected a new or empty folder. Name another one; nothing was changed.',
  );
}
