import { TransfusionError } from '@transfusion/errors';
import type { Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import { chooseCaption } from './caption.js';
import { toText } from './dataset-files.js';
import {
  decodeFile,
  listModalities,
  type FileMedia,
  type FileModalities,
  type FileModality,
} from './file-modality.js';
import { indexedSource, nameOfFiles } from './indexed-source.js';
import { keepRecent, rowGroupsOf, type RowGroup } from './parquet-row-groups.js';
import { badRecord } from './record-errors.js';

/** Options of {@link parquetDocuments}. */
export interface ParquetDocumentsOptions {
  /**
   * Columns by modality, in the order of the document's segments: `{ text: 'caption', image: 'image' }`.
   * The column of a modality with media holds the bytes of files, plain or as Hugging Face stores them
   * (`{ bytes, path }`); that of any other, and of one whose values are texts, holds texts, or lists of texts to
   * choose from.
   */
  readonly columns: Readonly<Record<string, string>>;
  /** The modalities whose columns hold files, among others; their `media` decode these. Defaults to none. */
  readonly modalities?: FileModalities;
}

/** Row groups that are kept decoded: some hundred rows each in files of images. */
const KEPT_GROUPS = 4;

/**
 * Reads rows of Parquet files as documents; messages count rows from 0. A row can only be read with its row
 * group, so reading in random order is quick only while groups are small (Hugging Face writes 100
 * rows). A broken file counts as one bad record.
 *
 * @throws TransfusionError `invalid-file` if a file is missing or lacks a column, or all are empty
 */
export async function parquetDocuments(
  paths: readonly string[],
  { columns, modalities = [] }: ParquetDocumentsOptions,
): Promise<DocumentSource> {
  const known = listModalities(modalities);
  checkColumns(columns, known);
  const parts = Object.entries(columns).map(([modality, column]) => ({
    modality,
    column,
    media: fileMediaOf(known.find(({ name }) => name === modality)),
  }));
  const groups: { readonly first: number; readonly group: RowGroup }[] = [];
  let length = 0;
  for (const path of paths) {
    for (const group of await rowGroupsOf(path, Object.values(columns))) {
      groups.push({ first: length, group });
      length += group.length;
    }
  }
  const rowsOf = keepRecent(KEPT_GROUPS);
  const locate = (index: number): { group: RowGroup; row: number } => {
    const { first, group } = groups.findLast((candidate) => candidate.first <= index)!;
    return { group, row: index - first };
  };

  const segmentOf = async (
    { modality, column, media }: (typeof parts)[number],
    cell: unknown,
    rng: Rng,
  ): Promise<Segment> => {
    if (media === undefined) return { modality, value: chooseCaption(textOf(cell), rng, `'${column}'`) };
    return { modality, value: await decodeFile(media.decode, bytesOf(cell, column), column) };
  };

  return indexedSource({
    name: nameOfFiles(paths),
    length,
    files: () => paths,
    locate: (i) => {
      const { group, row } = locate(i);
      return `${group.path}: row ${group.start + row}`;
    },
    segments: async (i, rng) => {
      const { group, row } = locate(i);
      const cells = (await rowsOf(group))[row];
      return Promise.all(parts.map((part) => segmentOf(part, cells[part.column], rng.fork(part.column))));
    },
  });
}

/** Texts lie in the rows themselves, though there are files of text. */
function fileMediaOf(modality: FileModality | undefined): FileMedia | undefined {
  return modality?.accepts?.('') === true ? undefined : modality?.media;
}

function checkColumns(columns: Readonly<Record<string, string>>, modalities: readonly FileModality[]): void {
  const isUsed = modalities.length === 0 || modalities.some(({ name }) => Object.hasOwn(columns, name));
  if (isUsed && Object.keys(columns).length > 0) return;
  const names = modalities.map(({ name }) => `'${name}'`).join(', ');
  throw new TransfusionError(
    'invalid-argument',
    `parquetDocuments: columns names no column for ${names || 'any modality'}, ` +
      "expected { text: 'caption', image: 'image' }, say.",
  );
}

/** Writers that do not mark text as such leave plain bytes. */
function textOf(cell: unknown): unknown {
  if (Array.isArray(cell)) return cell.map(textOf);
  return cell instanceof Uint8Array ? toText(cell, 'the caption') : cell;
}

function bytesOf(cell: unknown, column: string): Uint8Array {
  const bytes = cell instanceof Uint8Array ? cell : (cell as { bytes?: unknown } | null)?.bytes;
  if (bytes instanceof Uint8Array) return bytes;
  throw badRecord(`'${column}' holds no bytes. Files that are only named cannot be read from Parquet.`);
}
