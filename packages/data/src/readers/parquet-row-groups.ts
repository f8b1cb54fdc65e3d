import { stat } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/nn';
import { badFile, badRecord } from './record-errors.js';

/** A row: the columns asked for, by name. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/** Rows that are stored, and can only be read, together. */
export interface RowGroup {
  readonly path: string;
  /** The number of its first row in the file. */
  readonly start: number;
  readonly length: number;
  /** @throws TransfusionError `invalid-record` if it cannot be decoded */
  read(): Promise<readonly ParquetRow[]>;
}

/**
 * The row groups of a Parquet file, from its footer. A file that is broken counts as a group of one
 * row, which cannot be read.
 *
 * @throws TransfusionError `invalid-file` if it is missing or lacks one of the columns
 */
export async function rowGroupsOf(path: string, columns: readonly string[]): Promise<readonly RowGroup[]> {
  await stat(path).catch((cause) => {
    throw badFile(path, cause);
  });
  // These come as ES modules only, which the CommonJS build cannot load at its start.
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } =
    await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    checkColumns(path, columns, new Set(parquetSchema(metadata).children.map(({ element }) => element.name)));
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

/** Reads row groups one after another, and keeps the `count` last used. */
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
