import { TransfusionError } from '@transfusion/errors';
import type { AsyncBuffer, FileMetaData, SchemaTree } from 'hyparquet';
import { checkPages, CountsError, isRowCount } from './parquet-pages.js';
import { readSlice, checkedFileSize } from './read-file.js';
import { badRecord } from './record-errors.js';

/** A row: the requested columns, by name. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/** Rows that are stored together, and can only be read together. */
export interface RowGroup {
  readonly path: string;
  /** Index of its first row in the file. */
  readonly start: number;
  readonly length: number;
  /** @throws TransfusionError `invalid-record` if it cannot be decoded */
  read(): Promise<readonly ParquetRow[]>;
}

/**
 * Lists the row groups of a Parquet file, from its footer. Rows have the given columns, by default all. A damaged file counts as a group of one unreadable row.
 *
 * @throws TransfusionError `invalid-file` if the file or one of the columns is missing
 */
export async function listRowGroups(
  path: string,
  requested?: readonly string[],
): Promise<readonly RowGroup[]> {
  const size = await checkedFileSize(path, path, Infinity);
  // ES modules only: the CommonJS build cannot `require` them.
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  try {
    const file = asyncBuffer(path, size);
    const metadata = await parquetMetadataAsync(file);
    const schema = parquetSchema(metadata);
    checkRowGroups(metadata, schema);
    const stored = schema.children.map(({ element }) => element.name);
    const columns = requested ?? stored;
    checkColumns(path, columns, new Set(stored));
    const listColumns = new Set(leavesOf(schema).flatMap(({ path: names, isList }) => (isList ? names : [])));
    let start = 0;
    return metadata.row_groups.map(({ num_rows, columns: chunks }) => {
      const rowStart = start;
      const rowEnd = (start += Number(num_rows));
      const options = { file, metadata, columns: [...columns], rowStart, rowEnd, compressors, utf8: false };
      return {
        path,
        start: rowStart,
        length: rowEnd - rowStart,
        read: async () => {
          try {
            for (const { meta_data: column } of chunks) {
              if (column === undefined || !columns.includes(column.path_in_schema[0])) continue;
              const isList = listColumns.has(column.path_in_schema.join('.'));
              await checkPages({ path, fileSize: size, column, numRows: rowEnd - rowStart, isList });
            }
          } catch (cause) {
            throw undecodable(
              cause instanceof CountsError ? cause.message : 'its pages do not fit the footer',
              cause,
            );
          }
          return parquetReadObjects(options).catch(async (cause: unknown) => {
            for (const column of columns) {
              await parquetReadObjects({ ...options, columns: [column] }).catch((causeOfColumn: unknown) => {
                throw undecodable(`column '${column}' cannot be decoded`, causeOfColumn);
              });
            }
            throw undecodable('its columns cannot be decoded together', cause);
          });
        },
      };
    });
  } catch (cause) {
    if (TransfusionError.isInstance(cause)) throw cause;
    const problem = cause instanceof CountsError ? cause.message : 'its footer cannot be read';
    return [unreadableGroup(path, problem, cause)];
  }
}

function undecodable(problem: string, cause: unknown): TransfusionError {
  return badRecord(`the row group is damaged: ${problem}. Download the file again.`, cause);
}

/** Returns a function that reads row groups, one at a time, and caches the `capacity` most recently used. */
export function rowGroupCache(capacity: number): (group: RowGroup) => Promise<readonly ParquetRow[]> {
  const cached = new Map<RowGroup, Promise<readonly ParquetRow[]>>();
  let lastRead: Promise<unknown> = Promise.resolve();
  return (group) => {
    let rows = cached.get(group);
    if (rows === undefined) {
      rows = lastRead.then(() => group.read());
      lastRead = rows.catch(() => undefined);
    }
    cached.delete(group);
    cached.set(group, rows);
    const [oldest] = cached.keys();
    if (cached.size > capacity) cached.delete(oldest);
    return rows;
  };
}

/** Wraps a file for hyparquet, which reads ahead and may never await a slice: its rejection must not go unhandled. */
function asyncBuffer(path: string, size: number): AsyncBuffer {
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
 * Refuses a damaged footer, with wrong columns or row counts. hyparquet does not check these, and its unhandled
 * rejections would end the process.
 */
function checkRowGroups({ row_groups, num_rows }: FileMetaData, schema: SchemaTree): void {
  const leaves = leavesOf(schema).map((leaf) => leaf.path);
  for (const { columns } of row_groups) {
    const stored = columns.map(({ meta_data }) => meta_data?.path_in_schema.join('.'));
    if (stored.join('\n') !== leaves.join('\n')) {
      throw new CountsError('the columns of a row group are not those of the schema');
    }
  }
  const wrong = row_groups.find((group) => !isRowCount(group.num_rows));
  if (wrong !== undefined) throw new CountsError(`a row group claims ${wrong.num_rows} rows`);
  const rows = row_groups.reduce((sum, group) => sum + group.num_rows, 0n);
  if (rows !== num_rows) throw new CountsError(`the row groups have ${rows} rows, but the file ${num_rows}`);
}

/** Lists the columns that hold values, by their dotted paths; `isList` if a row may have any number of them. */
function leavesOf(tree: SchemaTree, isInList = false): { path: string; isList: boolean }[] {
  const isList = isInList || tree.element.repetition_type === 'REPEATED';
  if (tree.children.length > 0) return tree.children.flatMap((child) => leavesOf(child, isList));
  return [{ path: tree.path.join('.'), isList }];
}

function checkColumns(path: string, expected: readonly string[], found: ReadonlySet<string>): void {
  const missing = expected.find((column) => !found.has(column));
  if (missing === undefined) return;
  throw new TransfusionError(
    'invalid-file',
    `${path}: unknown column '${missing}', expected one of '${[...found].join("', '")}'. Fix the name in \`columns\`.`,
  );
}

function unreadableGroup(path: string, problem: string, cause: unknown): RowGroup {
  const message = `the file is not a complete Parquet file: ${problem}. Download it again.`;
  return { path, start: 0, length: 1, read: () => Promise.reject(badRecord(message, cause)) };
}
