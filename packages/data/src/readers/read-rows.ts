/** Rows of tables, once and in order, without an index: for evaluation, where nothing is shuffled. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { TransfusionError } from '@transfusion/errors';
import { parseJson } from './decode-text.js';
import { isGzip } from './is-gzip.js';
import { listRowGroups } from './parquet-row-groups.js';
import { readWholeFile } from './read-file.js';
import { badFile, formatValue } from './record-errors.js';

/** A row of a table, by column. Integers are numbers. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Reads the rows of a `.parquet` file, of a `.json` file with a list of objects, or of any other file with a JSON object per
 * line (as C4 and the dumps of Wikipedia have them), compressed by gzip or not. Files of lines are streamed.
 *
 * @throws TransfusionError `invalid-file` if the file cannot be read or has something else than rows, with the number of the
 *   line or row
 */
export async function* readRows(path: string): AsyncGenerator<Row, void> {
  if (extname(path).toLowerCase() === '.parquet') return yield* parquetRows(path);
  const first = await firstBytes(path);
  if (!isGzip(first) && Buffer.from(first).toString().trimStart().startsWith('['))
    return yield* listedRows(path);
  const file = createReadStream(path);
  const input = isGzip(first) ? file.pipe(createGunzip()) : file;
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number++;
      const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
      if (text.trim() !== '') yield rowOf(path, `line ${number}`, parsed(path, `line ${number}`, text));
    }
  } catch (cause) {
    throw TransfusionError.isInstance(cause) ? cause : badFile(path, cause);
  } finally {
    file.destroy();
  }
}

async function* parquetRows(path: string): AsyncGenerator<Row, void> {
  for (const group of await listRowGroups(path)) {
    for (const row of await group.read()) yield plain(row) as Row;
  }
}

async function* listedRows(path: string): AsyncGenerator<Row, void> {
  const text = Buffer.from(await readWholeFile(path, path)).toString();
  const rows = parsed(path, 'the list', text) as readonly unknown[];
  for (const [i, row] of rows.entries()) yield rowOf(path, `row ${i}`, row);
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    const { buffer, bytesRead } = await file.read(new Uint8Array(64), 0, 64, 0).finally(() => file.close());
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw badFile(path, cause);
  }
}

function parsed(path: string, where: string, text: string): unknown {
  try {
    return parseJson(text, where);
  } catch (cause) {
    throw notRow(path, where, 'no JSON', cause);
  }
}

function rowOf(path: string, where: string, value: unknown): Row {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
  throw notRow(path, where, formatValue(value));
}

function notRow(path: string, where: string, found: string, cause?: unknown): TransfusionError {
  return new TransfusionError(
    'invalid-file',
    `${path}: found ${found} at ${where}, expected a JSON object. Correct the file.`,
    { cause },
  );
}

/** Turns 64-bit integers of Parquet into numbers. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
