import { TransfusionError } from '@transfusion/errors';
import type { Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import { chooseCaption } from './caption.js';
import { decodeUtf8 } from './decode-text.js';
import {
  decodeFile,
  listModalities,
  type FileMedia,
  type FileModalities,
  type FileModality,
} from './file-modality.js';
import { describeFiles, indexedSource } from './indexed-source.js';
import { listRowGroups, rowGroupCache, type RowGroup } from './parquet-row-groups.js';
import { badRecord } from './record-errors.js';

/** Options of {@link parquetDocuments}. */
export interface ParquetDocumentsOptions {
  /**
   * Columns by modality, in the order of the document's segments: `{ text: 'caption', image: 'image' }`.
   * The column of a modality with media holds the bytes of files, plain or as Hugging Face stores them
   * (`{ bytes, path }`). Columns of other modalities, and of those whose values are strings, hold strings, or lists of
   * strings to choose from.
   */
  readonly columns: Readonly<Record<string, string>>;
  /** Modalities; the `media` of those that have one decode the files in their columns. Defaults to none. */
  readonly modalities?: FileModalities;
}

/** Number of decoded row groups to keep in memory; in image files, each has some hundred rows. */
const MAX_CACHED_GROUPS = 4;

/**
 * Reads the rows of Parquet files as documents; messages count rows from 0. A row can only be read together with its
 * row group, so random access is fast only if groups are small (Hugging Face writes 100 rows). A damaged file counts as
 * one bad record.
 *
 * @throws TransfusionError `invalid-file` if a file or a column is missing, or there are no rows, `invalid-argument` if
 *   `columns` names none of the modalities
 */
export async function parquetDocuments(
  paths: readonly string[],
  { columns, modalities = [] }: ParquetDocumentsOptions,
): Promise<DocumentSource> {
  const known = listModalities(modalities);
  checkColumns(columns, known);
  const columnReaders = Object.entries(columns).map(([modality, column]) => ({
    modality,
    column,
    media: mediaForColumn(known.find(({ name }) => name === modality)),
  }));
  const groups: { readonly first: number; readonly group: RowGroup }[] = [];
  let length = 0;
  for (const path of paths) {
    for (const group of await listRowGroups(path, Object.values(columns))) {
      groups.push({ first: length, group });
      length += group.length;
    }
  }
  const readRows = rowGroupCache(MAX_CACHED_GROUPS);
  const locate = (index: number): { group: RowGroup; row: number } => {
    const { first, group } = groups.findLast((candidate) => candidate.first <= index)!;
    return { group, row: index - first };
  };

  const toSegment = async (
    { modality, column, media }: (typeof columnReaders)[number],
    cell: unknown,
    rng: Rng,
  ): Promise<Segment> => {
    if (media === undefined) return { modality, value: chooseCaption(toCaptions(cell), rng, `'${column}'`) };
    return { modality, value: await decodeFile(media.decode, requireBytes(cell, column), column) };
  };

  return indexedSource({
    name: describeFiles(paths),
    length,
    files: () => paths,
    locate: (i) => {
      const { group, row } = locate(i);
      return `${group.path}: row ${group.start + row}`;
    },
    readSegments: async (i, rng) => {
      const { group, row } = locate(i);
      const cells = (await readRows(group))[row];
      return Promise.all(
        columnReaders.map((reader) => toSegment(reader, cells[reader.column], rng.fork(reader.column))),
      );
    },
  });
}

/** Strings are in the rows themselves, although text has media (`.txt` files). */
function mediaForColumn(modality: FileModality | undefined): FileMedia | undefined {
  return modality?.accepts?.('') === true ? undefined : modality?.media;
}

function checkColumns(columns: Readonly<Record<string, string>>, modalities: readonly FileModality[]): void {
  const isUsed = modalities.length === 0 || modalities.some(({ name }) => Object.hasOwn(columns, name));
  if (isUsed && Object.keys(columns).length > 0) return;
  const names = modalities.map(({ name }) => `'${name}'`).join(', ');
  throw new TransfusionError(
    'invalid-argument',
    `parquetDocuments: columns has no column for ${names || 'any modality'}, ` +
      "expected the column of each modality, such as { text: 'caption', image: 'image' }.",
  );
}

/** Decodes strings that the file does not mark as such: they are read as bytes. */
function toCaptions(cell: unknown): unknown {
  if (Array.isArray(cell)) return cell.map(toCaptions);
  return cell instanceof Uint8Array ? decodeUtf8(cell, 'the caption') : cell;
}

function requireBytes(cell: unknown, column: string): Uint8Array {
  const bytes = cell instanceof Uint8Array ? cell : (cell as { bytes?: unknown } | null)?.bytes;
  if (bytes instanceof Uint8Array) return bytes;
  throw badRecord(`'${column}' has no bytes. Embed the files: paths in Parquet files are not followed.`);
}
