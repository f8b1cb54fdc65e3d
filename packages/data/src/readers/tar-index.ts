import { open, type FileHandle } from 'node:fs/promises';
import { isGzip } from './dataset-files.js';
import { badFile } from './record-errors.js';
import { parsePaxFields, parseTarHeader, TAR_BLOCK, textAt } from './tar-header.js';

/** A file in an archive, and the position of its bytes. */
export interface TarMember {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

export interface TarIndex {
  /** All whole files, up to where the archive breaks. */
  readonly members: readonly TarMember[];
  /** The damage of the archive, if it could not be read to its end. */
  readonly problem?: string;
}

/** Names longer than this are taken for a broken header. */
const MAX_NAME_BYTES = 1 << 20;

/**
 * Lists an archive's files by its headers, without reading the data between them.
 *
 * @throws TransfusionError `invalid-file` if there is no such file
 */
export async function indexTar(path: string): Promise<TarIndex> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    throw badFile(path, cause);
  }
  const members: TarMember[] = [];
  try {
    const { size } = await file.stat();
    await listMembers(readerOf(file), size, members);
    return { members };
  } catch (cause) {
    return { members, problem: (cause as Error).message };
  } finally {
    await file.close();
  }
}

type Read = (start: number, length: number) => Promise<Uint8Array>;

/** Adds to `members`; throws where the archive breaks. */
async function listMembers(read: Read, fileSize: number, members: TarMember[]): Promise<void> {
  if (fileSize === 0) throw new Error('the archive is empty');
  let name: string | undefined;
  let longSize: number | undefined;
  for (let at = 0; ;) {
    const block = await read(at, TAR_BLOCK);
    if (at === 0 && isGzip(block)) throw new Error('the archive is compressed: unpack it with gunzip');
    if (block.length < TAR_BLOCK)
      throw new Error(`the archive has no end, it was cut off at byte ${fileSize}`);
    if (block.every((byte) => byte === 0)) return;
    const header = parseTarHeader(block);
    if (header === undefined) throw new Error(`the archive is broken: there is no tar header at byte ${at}`);
    const start = at + TAR_BLOCK;
    const isExtension = header.type === 'L' || header.type === 'x';
    const size = isExtension ? header.size : (longSize ?? header.size);
    if (start + size > fileSize) {
      throw new Error(`the archive was cut off at byte ${fileSize}, in '${name ?? header.name}'`);
    }
    if (isExtension) {
      if (size > MAX_NAME_BYTES)
        throw new Error(`the archive is broken: a name of ${size} bytes at byte ${at}`);
      const data = await read(start, size);
      if (header.type === 'L') name = textAt(data, 0, size);
      else {
        const fields = parsePaxFields(data);
        name = fields.get('path') ?? name;
        longSize = fields.has('size') ? Number(fields.get('size')) : undefined;
      }
    } else {
      // Types 0 and 7 are files; folders, links and devices are ignored.
      if (header.type === '0' || header.type === '7')
        members.push({ name: name ?? header.name, start, size });
      // What describes archives as a whole (g) or link names (K) stands between a long name and its file.
      if (header.type !== 'g' && header.type !== 'K') name = longSize = undefined;
    }
    at = start + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
}

/** Small members lie close together, so headers are read with what follows them. */
function readerOf(file: FileHandle): Read {
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
