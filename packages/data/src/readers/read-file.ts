import { open, readFile, stat } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import { badFile } from './record-errors.js';

/** The most bytes of a file that are read at once: far above any image, and what fits into memory. */
const MAX_FILE_BYTES = 2 ** 30;

/**
 * Refuses what is not a regular file before it is opened: a pipe or a device may have no end, and give nothing. Returns
 * the size.
 *
 * @throws TransfusionError `invalid-file`, calling the file `name`
 */
export async function requireFile(path: string, name: string, maxBytes = MAX_FILE_BYTES): Promise<number> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw badFile(name, cause);
  });
  if (stats.isDirectory()) throw badFile(name, { code: 'EISDIR' });
  if (!stats.isFile()) {
    throw new TransfusionError(
      'invalid-file',
      `'${name}' is a device or a pipe, expected a file. Fix the path.`,
    );
  }
  if (stats.size <= maxBytes) return stats.size;
  throw new TransfusionError(
    'invalid-file',
    `'${name}' has ${stats.size} bytes, expected at most ${maxBytes}. Is it the right file?`,
  );
}

/** Reads a whole file, which messages call `name`. @throws TransfusionError `invalid-file` */
export async function readWholeFile(path: string, name: string): Promise<Uint8Array> {
  await requireFile(path, name);
  try {
    return await readFile(path);
  } catch (cause) {
    throw badFile(name, cause);
  }
}

/**
 * Reads `length` bytes at offset `start`. Opens the file on every call, because sources have no `close()`.
 *
 * @throws TransfusionError `invalid-file` if the file cannot be read, or ends earlier
 */
export async function readSlice(path: string, start: number, length: number): Promise<Uint8Array> {
  try {
    if (length > MAX_FILE_BYTES)
      throw new Error(`${length} bytes at once, expected at most ${MAX_FILE_BYTES}`);
    const file = await open(path);
    try {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, start);
      if (bytesRead < length) throw new Error(`it ends at byte ${start + bytesRead}`);
      return bytes;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw badFile(path, cause);
  }
}
