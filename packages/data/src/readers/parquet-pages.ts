/** Checks of a Parquet file's counts against its pages, before they are decoded: hyparquet takes all counts as they are. */
import type { ColumnMetaData } from 'hyparquet';
import { readSlice } from './read-file.js';

/** More values of a column, or bytes of a page, in one row group mean that its counts are damaged. */
const [MAX_VALUES, MAX_PAGE_BYTES] = [2 ** 24, 2 ** 30];

/** Describes wrong counts of a file in words for a message: other errors are hyparquet's. */
export class CountsError extends Error {}

/** A column's part of a row group. */
export interface ColumnChunk {
  readonly path: string;
  readonly fileSize: number;
  readonly column: ColumnMetaData;
  readonly numRows: number;
  /** True if a row holds any number of values. */
  readonly isList: boolean;
}

/** Returns true for a count of rows that a row group may have. */
export function isRowCount(count: bigint): boolean {
  return count >= 0n && count <= BigInt(MAX_VALUES);
}

/**
 * Goes through the headers of a chunk's pages.
 *
 * @throws CountsError if they do not hold what the footer says; the message says which column
 */
export async function checkPages({ path, fileSize, column, numRows, isList }: ColumnChunk): Promise<void> {
  const fail = (problem: string): never => {
    throw new CountsError(`column '${column.path_in_schema.join('.')}' ${problem}`);
  };
  const { parquetHeader } = await import('hyparquet/src/column.js');
  const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size } = column;
  const start = Number(dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data);
  const end = start + Number(size);
  if (!(start >= 0 && end >= start && end <= fileSize)) return fail(`ends at byte ${end} of ${fileSize}`);

  const headerAt = async (
    at: number,
    length: number,
  ): Promise<[ReturnType<typeof parquetHeader>, number]> => {
    const reader = { view: new DataView((await readSlice(path, at, length)).buffer), offset: 0 };
    return [parquetHeader(reader), at + reader.offset];
  };
  let numValues = 0;
  for (let at = start; at < end - 1;) {
    // Statistics can make a header as long as the longest value.
    const [header, dataStart] = await headerAt(at, Math.min(HEADER_BYTES, end - at)).catch(() =>
      headerAt(at, end - at).catch(() => fail(`has no page at byte ${at}`)),
    );
    const { compressed_page_size: stored, uncompressed_page_size: unpacked } = header;
    if (!(stored >= 0 && dataStart + stored <= end))
      return fail(`has a page of ${stored} bytes at byte ${at}`);
    if (!(unpacked >= 0 && unpacked <= MAX_PAGE_BYTES)) {
      return fail(`has a page of ${unpacked} bytes, unpacked, at byte ${at}`);
    }
    const content = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    const count = content?.num_values ?? 0;
    if (!(count >= 0 && count <= MAX_VALUES)) return fail(`has a page of ${count} values at byte ${at}`);
    if (header.dictionary_page_header !== undefined) {
      if (count > 8 * unpacked) return fail(`has a dictionary of ${count} values in ${unpacked} bytes`);
    } else numValues += count;
    at = dataStart + stored;
  }
  if (numValues !== Number(column.num_values)) {
    return fail(`has ${numValues} values, but the footer says ${column.num_values}`);
  }
  if (isList ? numValues < numRows : numValues !== numRows) {
    return fail(`has ${numValues} values, but the row group ${numRows} rows`);
  }
}

const HEADER_BYTES = 4096;
