import { createReadStream } from 'node:fs';
import { TransfusionError } from '@transfusion/errors';
import { isGzip, readSlice, toText } from './dataset-files.js';
import { badFile } from './record-errors.js';

/** The pieces of a text file; found by one pass, read on demand. */
export interface TextIndex {
  readonly length: number;
  /** The line that a piece starts on, from 1. */
  line(index: number): number;
  /** A piece's text, without white space around it. */
  read(index: number): Promise<string>;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Finds the lines of a file that are not blank, or its paragraphs: lines without a blank one between
 * them. Only their positions are kept: 16 bytes for each.
 *
 * @throws TransfusionError `invalid-file` if it cannot be read, or is compressed
 */
export async function indexText(path: string, piece: 'line' | 'paragraph'): Promise<TextIndex> {
  const starts: number[] = [];
  const lines: number[] = [];
  let size = 0;
  let line = 1;
  let isBlank = true;
  let wasBlank = true;
  for await (const chunk of chunksOf(path)) {
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
  return {
    length: starts.length,
    line: (index) => lines[index],
    read: async (index) => {
      const start = starts[index];
      const end = starts[index + 1] ?? size;
      return toText(await readSlice(path, start, end - start), `the ${piece}`).trim();
    },
  };
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
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
    `${path}: is compressed, which cannot be read in any order. Unpack it with gunzip.`,
  );
}
