/** Captions of files in a table beside them, as Hugging Face's image folders have them. */
import { basename, extname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { checkJsonLines } from './check-json-lines.js';
import { decodeUtf8, parseJson } from './decode-text.js';
import { parseCsv } from './parse-csv.js';
import { readWholeFile } from './read-file.js';
import { badRecord, formatValue } from './record-errors.js';
import { indexText } from './text-index.js';

/** A row of the table. */
export interface MetadataRow {
  /** Location: the file, and the line or row. */
  readonly location: string;
  /** @throws TransfusionError `invalid-record` if the row names no file, or has no caption */
  read(): NamedCaptions;
}

/** A file, and its captions: a string, or a list to choose from. */
export interface NamedCaptions {
  readonly fileName: string;
  readonly captions: unknown;
}

/** Columns that may hold captions; the first of them that is not empty is used. */
const CAPTION_FIELDS = ['text', 'caption', 'captions', 'prompt', 'description', 'title'];

/** Returns true for the names of such tables. */
export function isMetadataFile(path: string): boolean {
  return ['metadata.jsonl', 'metadata.csv'].includes(basename(path));
}

/**
 * Reads a table: `.csv`, or JSON lines. Rows are checked when they are read.
 *
 * @throws TransfusionError `invalid-file` if it cannot be read
 */
export async function readMetadata(path: string): Promise<MetadataRow[]> {
  return extname(path).toLowerCase() === '.csv' ? readCsv(path) : readJsonLines(path);
}

async function readJsonLines(path: string): Promise<MetadataRow[]> {
  const index = await indexText(path, 'line');
  await checkJsonLines(path, index);
  // At once: a read for each of a million rows takes minutes.
  const bytes = await readWholeFile(path, path);
  return Array.from({ length: index.length }, (_, i) => ({
    location: `${path}:${index.line(i)}`,
    read: () => {
      const line = decodeUtf8(bytes.subarray(...index.range(i)), 'the line').trim();
      return namedCaptions(Object(parseJson(line, 'the line')) as Record<string, unknown>);
    },
  }));
}

async function readCsv(path: string): Promise<MetadataRow[]> {
  const bytes = await readWholeFile(path, path);
  let text: string;
  try {
    text = decodeUtf8(bytes, 'the file');
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}`, { cause });
  }
  const [names = [], ...rows] = parseCsv(text);
  return rows.map((fields, i) => ({
    location: `${path}: row ${i + 1}`,
    read: () => {
      if (fields.length !== names.length) {
        throw badRecord(`has ${fields.length} fields, expected ${names.length}, as the first row.`);
      }
      return namedCaptions(Object.fromEntries(fields.map((field, column) => [names[column], field])));
    },
  }));
}

function namedCaptions(row: Readonly<Record<string, unknown>>): NamedCaptions {
  const { file_name: fileName, ...others } = row;
  if (typeof fileName !== 'string' || fileName === '') {
    throw badRecord(`'file_name' is ${formatValue(fileName)}, expected the name of a file.`);
  }
  const present = CAPTION_FIELDS.filter((name) => others[name] !== undefined);
  const field = present.find((name) => !isBlank(others[name])) ?? present[0] ?? soleText(others);
  if (field === undefined) {
    const found = Object.keys(others).join(', ') || 'nothing';
    throw badRecord(`has ${found} beside 'file_name', expected a caption: ${CAPTION_FIELDS.join(', ')}.`);
  }
  return { fileName, captions: others[field] };
}

function isBlank(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}

/** Returns the one field that holds a string. */
function soleText(fields: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(fields).filter((name) => typeof fields[name] === 'string');
  return names.length === 1 ? names[0] : undefined;
}
