import { open, readFile, stat } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import { badFile } from './record-errors.js';

/** Maximum number of bytes read at once: far more than any image needs, and still fits in memory. */
const MAX_FILE_BYTES = 2 ** 30;

/**
 * Checks that a path is a regular file of at most `maxBytes` bytes, and returns its size. To be called before the file
 * is opened: reading a pipe or a device might block or never end.
 *
 * @param name the file's name in error messages
 * @throws TransfusionError `invalid-file`
 */
export async function checkedFileSize(
  path: string,
  name: string,
  maxBytes = MAX_FILE_BYTES,
): Promise<number> {
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

/** Reads a whole file; `name` is its name in error messages. @throws TransfusionError `invalid-file` */
export async function readWholeFile(path: string, name: string): Promise<Uint8Array> {
  await checkedFileSize(path, name);
  try {
    return await readFile(path);
  } catch (cause) {
    throw badFile(name, cause);
  }
}

/**
 * Reads `length` bytes at offset `start`, into a buffer of their own. Opens the file on every call, because sources have
 * no `close()`.
 *
 * @throws TransfusionError `invalid-file` if the file cannot be read, or ends before `start + length`
 */
export async function readSlice(path: string, start: number, length: number): Promise<Uint8Array> {
  if (length > MAX_FILE_BYTES) {
    throw new TransfusionError(
      'invalid-file',
      `'${path}' asks for ${length} bytes at once, expected at most ${MAX_FILE_BYTES}. The file is damaged.`,
    );
  }
  try {
    const file = await open(path);
    try {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, start);
      if (bytesRead < length) {
        throw new TransfusionError(
          'invalid-file',
          `'${path}' ends at byte ${start + bytesRead}, expected at least ${start + length} bytes. It is cut off, or ` +
            'has changed.',
        );
      }
      return bytes;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw TransfusionError.isInstance(cause) ? cause : badFile(path, cause);
  }
}
