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
import { badRecord, formatValue } from './record-errors.js';

/** Options of {@link parquetDocuments}. */
export interface ParquetDocumentsOptions {
  /**
   * Columns by modality, in the order of the document's segments: `{ text: 'caption', image: 'image' }`.
   * The column of a modality with media holds the bytes of files, plain or as Hugging Face stores them
   * (`{ bytes, path }`). Columns of other modalities, and of those whose values are strings, hold strings, or lists of
   * strings to choose from.
   * A list of files gives a segment for each, a conversation (a list of `{ user, assistant }`, or of
   * `{ role, content }`) one for each message.
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

  const toSegments = async (
    { modality, column, media }: (typeof columnReaders)[number],
    cell: unknown,
    rng: Rng,
  ): Promise<readonly Segment[]> => {
    if (media === undefined) {
      const texts = toTexts(cell);
      const messages = messagesOf(texts, `'${column}'`);
      return (messages ?? [chooseCaption(texts, rng, `'${column}'`)]).map((value) => ({ modality, value }));
    }
    const files = Array.isArray(cell) ? (cell as unknown[]) : [cell];
    return Promise.all(
      files.map(async (file) => {
        return { modality, value: await decodeFile(media.decode, requireBytes(file, column), column) };
      }),
    );
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
      const segments = await Promise.all(
        columnReaders.map((reader) => toSegments(reader, cells[reader.column], rng.fork(reader.column))),
      );
      if (segments.flat().length > 0) return segments.flat();
      throw badRecord(`has nothing in ${columnReaders.map(({ column }) => `'${column}'`).join(', ')}.`);
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
function toTexts(cell: unknown): unknown {
  if (Array.isArray(cell)) return cell.map(toTexts);
  if (cell instanceof Uint8Array) return decodeUtf8(cell, 'the caption');
  if (typeof cell !== 'object' || cell === null) return cell;
  return Object.fromEntries(Object.entries(cell).map(([name, value]) => [name, toTexts(value)]));
}

/** Fields of a message that hold its text, where another says whose it is. */
const MESSAGE_TEXTS = ['content', 'value', 'text'];

/**
 * Returns the texts of a conversation, in order: of a list of turns (`{ user, assistant }`, or `{ role, content }`).
 * Undefined for what is none, such as a list of captions.
 */
function messagesOf(cell: unknown, name: string): string[] | undefined {
  const turns: readonly unknown[] = Array.isArray(cell) ? cell : [cell];
  if (!turns.some((turn) => typeof turn === 'object' && turn !== null)) return undefined;
  const messages = turns.flatMap((turn) => {
    const fields = Object.entries(Object(turn) as Record<string, unknown>);
    const texts = fields.filter(([field]) => MESSAGE_TEXTS.includes(field));
    return (texts.length > 0 ? texts : fields).map(([, text]) => text).filter((text) => text != null);
  });
  if (messages.length > 0 && messages.every((message) => typeof message === 'string')) return messages;
  throw badRecord(
    `${name} is ${formatValue(cell)}, expected a string, a list of strings, or turns of a conversation.`,
  );
}

function requireBytes(cell: unknown, column: string): Uint8Array {
  const bytes = cell instanceof Uint8Array ? cell : (cell as { bytes?: unknown } | null)?.bytes;
  if (bytes instanceof Uint8Array) return bytes;
  if (cell == null) throw badRecord(`'${column}' is null, expected a file.`);
  throw badRecord(
    `'${column}' has no bytes but ${formatValue(cell)}. Embed the files: paths in Parquet files are not followed.`,
  );
}
