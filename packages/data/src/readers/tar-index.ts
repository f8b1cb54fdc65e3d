import { open, type FileHandle } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import { isGzip } from './is-gzip.js';
import { checkedFileSize } from './read-file.js';
import { badFile, badRecord, formatValue } from './record-errors.js';
import { parseCount, parsePaxFields, parseTarHeader, TAR_BLOCK, textAt } from './tar-header.js';

/** A file in an archive, and the range of its bytes. */
export interface TarMember {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/** The files of an archive. */
export interface TarIndex {
  /** All complete files; in a damaged archive, those before the damage. */
  readonly members: readonly TarMember[];
  /** Problem of the archive with its remedy, if it could not be read to its end. */
  readonly problem?: string;
}

/** A longer name means that the header is damaged. */
const MAX_NAME_BYTES = 1 << 20;

/**
 * Lists the files of an archive from their headers, without reading the data between them.
 *
 * @throws TransfusionError `invalid-file` if the archive cannot be opened
 */
export async function indexTar(path: string): Promise<TarIndex> {
  await checkedFileSize(path, path, Infinity);
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    throw badFile(path, cause);
  }
  const members: TarMember[] = [];
  try {
    const { size } = await file.stat();
    await listMembers(bufferedReader(file), size, members);
    return { members };
  } catch (cause) {
    const { message } = TransfusionError.isInstance(cause) ? cause : badFile(path, cause);
    return { members, problem: message };
  } finally {
    await file.close();
  }
}

/** Reads up to `length` bytes at offset `start`. */
type Read = (start: number, length: number) => Promise<Uint8Array>;

/** Adds to `members`. @throws TransfusionError where the archive is damaged */
async function listMembers(read: Read, fileSize: number, members: TarMember[]): Promise<void> {
  if (fileSize === 0) throw damaged('the archive is empty');
  let name: string | undefined;
  let longSize: number | undefined;
  for (let at = 0; ;) {
    const block = await read(at, TAR_BLOCK);
    if (at === 0 && isGzip(block)) throw badRecord('the archive is compressed. Unpack it with gunzip.');
    if (block.length < TAR_BLOCK) throw damaged(`the archive is truncated at byte ${fileSize}`);
    if (block.every((byte) => byte === 0)) return;
    const header = parseTarHeader(block);
    if (header === undefined) throw damaged(`the archive has no valid tar header at byte ${at}`);
    const start = at + TAR_BLOCK;
    const isExtension = header.type === 'L' || header.type === 'x';
    const size = isExtension ? header.size : (longSize ?? header.size);
    if (start + size > fileSize) {
      throw damaged(`the archive is truncated at byte ${fileSize}, in '${name ?? header.name}'`);
    }
    if (isExtension) {
      if (size > MAX_NAME_BYTES) throw damaged(`the archive has a name of ${size} bytes at byte ${at}`);
      const data = await read(start, size);
      if (header.type === 'L') name = textAt(data, 0, size);
      else {
        const fields = parsePaxFields(data);
        if (fields === undefined) throw damaged(`the archive has a malformed pax header at byte ${at}`);
        name = fields.get('path') ?? name;
        longSize = paxSize(fields.get('size'), at);
      }
    } else {
      // Types 0 and 7 are files; folders, links and devices are ignored.
      if (header.type === '0' || header.type === '7')
        members.push({ name: name ?? header.name, start, size });
      // Headers of the full archive (g) and of link names (K) can come between a long name and its file.
      if (header.type !== 'g' && header.type !== 'K') name = longSize = undefined;
    }
    at = start + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
}

function paxSize(size: string | undefined, at: number): number | undefined {
  if (size === undefined) return undefined;
  return (
    parseCount(size) ??
    fail(damaged(`the archive has the size ${formatValue(size)} in a pax header at byte ${at}`))
  );
}

function fail(error: TransfusionError): never {
  throw error;
}

function damaged(problem: string): TransfusionError {
  return badRecord(`${problem}. Download it again.`);
}

/** Reads ahead: small members are close together, so the next headers are often in the buffer. */
function bufferedReader(file: FileHandle): Read {
  const buffer = new Uint8Array(1 << 16);
  let start = 0;
  let length = 0;
  return async (from, count) => {
    if (count > buffer.length) {
      const { bytesRead, buffer: large } = await file.read(new Uint8Array(count), 0, count, from);
      return large.subarray(0, bytesRead);
    }
    if (from < start || from + count > start + length) {
      ({ bytesRead: length } = await file.read(buffer, 0, buffer.length, from));
      start = from;
    }
    return buffer.slice(from - start, Math.min(from - start + count, length));
  };
}
