import { TransfusionError } from '@transfusion/errors';
import type { Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import { chooseCaption } from './caption.js';
import { toText } from './dataset-files.js';
import { decodeFile, decoderOf, type Decoders } from './decoders.js';
import { indexedSource, nameOfFiles } from './indexed-source.js';
import { keepRecent, rowGroupsOf, type RowGroup } from './parquet-row-groups.js';
import { badRecord } from './record-errors.js';

/** What the columns of {@link parquetDocuments} hold. */
export interface ParquetDocumentsOptions {
  /**
   * Columns by modality, in the order of the document's segments: `{ text: 'caption', image: 'image' }`.
   * A modality with a decoder has the bytes of files in its column, plain or as Hugging Face stores
   * them (`{ bytes, path }`); any other has texts, or lists of texts to choose from.
   */
  readonly columns: Readonly<Record<string, string>>;
  /** For the modalities whose columns hold files; none by default. */
  readonly decode?: Decoders;
}

/** How many row groups are kept decoded: some hundred rows each in files of images. */
const KEPT_GROUPS = 4;

/**
 * Rows of Parquet files as documents. Places count rows from 0. A row can only be read with its row
 * group, so reading in random order is quick only while groups are small (Hugging Face writes 100
 * rows). A broken file counts as one bad record.
 *
 * @throws TransfusionError `invalid-file` if a file is missing or lacks a column, or all are empty
 */
export async function parquetDocuments(
  paths: readonly string[],
  { columns, decode = {} }: ParquetDocumentsOptions,
): Promise<DocumentSource> {
  const parts = Object.entries(columns);
  checkDecoders(decode, columns);
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

  const segmentOf = async (modality: string, column: string, cell: unknown, rng: Rng): Promise<Segment> => {
    const decoder = decoderOf(decode, modality);
    if (decoder === undefined) return { modality, value: chooseCaption(textOf(cell), rng, `'${column}'`) };
    return { modality, value: await decodeFile(decoder, bytesOf(cell, column), column) };
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
      return Promise.all(
        parts.map(([modality, column]) => segmentOf(modality, column, cells[column], rng.fork(column))),
      );
    },
  });
}

function checkDecoders(decode: Decoders, columns: Readonly<Record<string, string>>): void {
  const idle = Object.keys(decode).find((modality) => !Object.hasOwn(columns, modality));
  if (idle === undefined && Object.keys(columns).length > 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `parquetDocuments: columns names no column for ${idle === undefined ? 'any modality' : `'${idle}'`}, ` +
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
