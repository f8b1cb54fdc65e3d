import { open, readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { badFile, badRecord } from './record-errors.js';

/**
 * Lists the files in a folder and below it, in the order of their paths. Names that begin with a dot are ignored, and
 * links to folders not followed.
 *
 * @throws TransfusionError `invalid-file` if a folder cannot be read
 */
export async function filesBelow(directory: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [directory];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(folder)) {
      if (entry.name.startsWith('.')) continue;
      (entry.isDirectory() ? folders : files).push(join(folder, entry.name));
    }
  }
  // By code units, not by the user's language: the order must be the same on every machine.
  return files.sort();
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw badFile(folder, cause);
  }
}

/**
 * Returns the path of a file that a record names. A record reaches only into the data set's folder, so that
 * reading somebody's data set cannot read anything else; symbolic links are followed, because who
 * unpacked the data set made them.
 *
 * @throws TransfusionError `invalid-record` for a name that leads out of the folder
 */
export function pathInside(directory: string, name: string): string {
  const path = resolve(directory, name);
  const inside = relative(resolve(directory), path);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw badRecord(`'${name}' leads out of the folder '${directory}'. Mend it, or name the folder above.`);
  }
  return path;
}

/** Reads a whole file, which messages call `name`. @throws TransfusionError `invalid-file` */
export async function readWhole(path: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw badFile(name, cause);
  }
}

/**
 * Reads bytes of a file from an offset on. The file is opened anew at each call: sources have no end at which
 * they could close it.
 *
 * @throws TransfusionError `invalid-file` if they are not there
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

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes text without its byte order mark. @throws TransfusionError `invalid-record` if `what` is not UTF-8 */
export function toText(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw badRecord(`${what} is not UTF-8 text. Convert it to UTF-8.`, cause);
  }
}

/** Parses JSON text. @throws TransfusionError `invalid-record` if `what` is not JSON */
export function toJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // What follows a comma quotes the text, which differs from record to record.
    throw badRecord(`${what} is not JSON: ${(cause as Error).message.split(', ')[0]}.`, cause);
  }
}

/** Returns true for the first bytes of a gzip file, which cannot be read from its middle. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
