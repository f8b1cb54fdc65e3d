import { stat } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import type { AsyncBuffer, FileMetaData, SchemaTree } from 'hyparquet';
import { readSlice } from './dataset-files.js';
import { badFile, badRecord } from './record-errors.js';

/** A row: the columns asked for, by name. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/** Rows that are stored, and can only be read, together. */
export interface RowGroup {
  readonly path: string;
  /** Index of its first row in the file. */
  readonly start: number;
  readonly length: number;
  /** @throws TransfusionError `invalid-record` if it cannot be decoded */
  read(): Promise<readonly ParquetRow[]>;
}

/**
 * Lists the row groups of a Parquet file, from its footer. A file that is broken counts as a group of one
 * row, which cannot be read.
 *
 * @throws TransfusionError `invalid-file` if it is missing or lacks one of the columns
 */
export async function rowGroupsOf(path: string, columns: readonly string[]): Promise<readonly RowGroup[]> {
  const { size } = await stat(path).catch((cause) => {
    throw badFile(path, cause);
  });
  // These come as ES modules only, which the CommonJS build cannot load at its start.
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  try {
    const file = bytesOf(path, size);
    const metadata = await parquetMetadataAsync(file);
    const schema = parquetSchema(metadata);
    checkRowGroups(metadata, schema);
    checkColumns(path, columns, new Set(schema.children.map(({ element }) => element.name)));
    let start = 0;
    return metadata.row_groups.map(({ num_rows }) => {
      const rowStart = start;
      const rowEnd = (start += Number(num_rows));
      const options = { file, metadata, columns: [...columns], rowStart, rowEnd, compressors, utf8: false };
      return {
        path,
        start: rowStart,
        length: rowEnd - rowStart,
        read: () =>
          parquetReadObjects(options).catch((cause: Error) => {
            throw badRecord(`the row group cannot be decoded (${cause.message}). Get the file again.`, cause);
          }),
      };
    });
  } catch (cause) {
    if (TransfusionError.isInstance(cause)) throw cause;
    return [brokenFile(path, cause as Error)];
  }
}

/** Returns a function that reads row groups one after another, and keeps the `count` last used. */
export function keepRecent(count: number): (group: RowGroup) => Promise<readonly ParquetRow[]> {
  const kept = new Map<RowGroup, Promise<readonly ParquetRow[]>>();
  let turn: Promise<unknown> = Promise.resolve();
  return (group) => {
    let rows = kept.get(group);
    if (rows === undefined) {
      rows = turn.then(() => group.read());
      turn = rows.catch(() => undefined);
    }
    kept.delete(group);
    kept.set(group, rows);
    const [oldest] = kept.keys();
    if (kept.size > count) kept.delete(oldest);
    return rows;
  };
}

/** A file in hyparquet's form. hyparquet reads ahead, and may never await what it asked for. */
function bytesOf(path: string, size: number): AsyncBuffer {
  return {
    byteLength: size,
    slice: (start, end = size) => {
      const bytes = readSlice(path, start, end - start).then(({ buffer }) => buffer as ArrayBuffer);
      bytes.catch(() => undefined);
      return bytes;
    },
  };
}

/**
 * Refuses a broken footer that names other columns, or rows that are not there. hyparquet does not check, and
 * leaves promises behind that nobody awaits: their rejection would end the program.
 */
function checkRowGroups({ row_groups, num_rows }: FileMetaData, schema: SchemaTree): void {
  const leaves = leavesOf(schema).join('\n');
  for (const { columns } of row_groups) {
    const stored = columns.map(({ meta_data }) => meta_data?.path_in_schema.join('.'));
    if (stored.join('\n') !== leaves) throw new Error('a row group has other columns than the schema');
  }
  const rows = row_groups.reduce((sum, group) => sum + group.num_rows, 0n);
  if (rows !== num_rows) throw new Error(`row groups have ${rows} rows, the file ${num_rows}`);
}

function leavesOf({ path, children }: SchemaTree): string[] {
  return children.length === 0 ? [path.join('.')] : children.flatMap(leavesOf);
}

function checkColumns(path: string, expected: readonly string[], found: ReadonlySet<string>): void {
  const missing = expected.find((column) => !found.has(column));
  if (missing === undefined) return;
  throw new TransfusionError(
    'invalid-file',
    `${path}: there is no column '${missing}', only '${[...found].join("', '")}'. Name it in \`columns\`.`,
  );
}

function brokenFile(path: string, cause: Error): RowGroup {
  const problem = `the file is no whole Parquet file (${cause.message}). Get it again.`;
  return { path, start: 0, length: 1, read: () => Promise.reject(badRecord(problem, cause)) };
}
