import { open, readFile } from 'node:fs/promises';
import { badFile } from './record-errors.js';

/** Reads a whole file, which messages call `name`. @throws TransfusionError `invalid-file` */
export async function readWholeFile(path: string, name: string): Promise<Uint8Array> {
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
