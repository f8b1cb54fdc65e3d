import { createReadStream } from 'node:fs';
import { TransfusionError } from '@transfusion/errors';
import { decodeUtf8 } from './decode-text.js';
import { isGzip } from './is-gzip.js';
import { readSlice, checkedFileSize } from './read-file.js';
import { badFile } from './record-errors.js';

/** The lines or paragraphs of a text file: found in one pass, read on demand. */
export interface TextIndex {
  readonly length: number;
  /** Returns the number of a piece's first line, counted from 1. */
  line(index: number): number;
  /** Returns where a piece is in the file: the positions of its first byte and of the first one after it. */
  range(index: number): readonly [start: number, end: number];
  /** Reads a piece, without surrounding white space. */
  read(index: number): Promise<string>;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Finds the non-blank lines of a file, or its paragraphs (lines up to the next blank one). Keeps only their positions,
 * 16 bytes each.
 *
 * @throws TransfusionError `invalid-file` if the file cannot be read, or is compressed
 */
export async function indexText(path: string, piece: 'line' | 'paragraph'): Promise<TextIndex> {
  const starts: number[] = [];
  const lines: number[] = [];
  let size = 0;
  let line = 1;
  let isBlank = true;
  let wasBlank = true;
  for await (const chunk of readChunks(path)) {
    if (size === 0) checkNotCompressed(path, chunk);
    const hasMark = size === 0 && chunk.subarray(0, 3).equals(BYTE_ORDER_MARK);
    for (let i = hasMark ? 3 : 0; i < chunk.length; i++) {
      if (!isBlank) i = chunk.indexOf(NEWLINE, i);
      if (i < 0) break;
      if (chunk[i] === NEWLINE) {
        wasBlank = isBlank;
        isBlank = true;
        line++;
      } else if (chunk[i] > SPACE) {
        isBlank = false;
        if (piece === 'paragraph' && !wasBlank) continue;
        starts.push(size + i);
        lines.push(line);
      }
    }
    size += chunk.length;
  }
  const range = (index: number): [number, number] => [starts[index], starts[index + 1] ?? size];
  return {
    length: starts.length,
    line: (index) => lines[index],
    range,
    read: async (index) => {
      const [start, end] = range(index);
      return decodeUtf8(await readSlice(path, start, end - start), `the ${piece}`).trim();
    },
  };
}

async function* readChunks(path: string): AsyncGenerator<Buffer> {
  await checkedFileSize(path, path, Infinity);
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw TransfusionError.isInstance(cause) ? cause : badFile(path, cause);
  }
}

function checkNotCompressed(path: string, chunk: Uint8Array): void {
  if (!isGzip(chunk)) return;
  throw new TransfusionError(
    'invalid-file',
    `${path}: is compressed, and gzip has no random access. Unpack it with gunzip.`,
  );
}
