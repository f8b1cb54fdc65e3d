import { dirname, join } from 'node:path';
import type { Segment } from '@transfusion/modality';
import type { DocumentSource } from '../document-source.js';
import { checkJsonLines } from './check-json-lines.js';
import { parseJson } from './decode-text.js';
import { decodeFile, listModalities, type FileMedia, type FileModalities } from './file-modality.js';
import { indexedSource } from './indexed-source.js';
import { pathInside } from './path-inside.js';
import { readWholeFile } from './read-file.js';
import { badRecord, formatValue } from './record-errors.js';
import { indexText } from './text-index.js';

/** Options of {@link jsonlDocuments}. */
export interface JsonlDocumentsOptions {
  /** Modalities; the `media` of those that have one decode the files that segments name. */
  readonly modalities: FileModalities;
  /** Folder that the files' paths are relative to and must stay in; defaults to that of the JSONL file. */
  readonly directory?: string;
}

/**
 * Reads documents of any segments, one JSON object per line:
 * `{"segments": [{"text": "A cat:"}, {"image": "images/cat.png"}]}`. A segment has one key, its modality. For a modality
 * with media, a value that the modality does not accept is the path of a file; all other values are used as they are.
 *
 * @throws TransfusionError `invalid-file` if the file cannot be read, or is empty
 */
export async function jsonlDocuments(
  path: string,
  { modalities, directory = dirname(path) }: JsonlDocumentsOptions,
): Promise<DocumentSource> {
  const index = await indexText(path, 'line');
  await checkJsonLines(path, index);
  const known = listModalities(modalities);

  /** Returns the media for the file that a value names; undefined if it is the value itself. */
  const mediaFor = (name: string, value: unknown): FileMedia | undefined => {
    const modality = known.find((candidate) => candidate.name === name);
    return modality?.accepts?.(value) === true ? undefined : modality?.media;
  };

  /** Lists the files that a line names; a malformed line is reported when it is read. */
  const listNamedFiles = (line: string): string[] => {
    try {
      return parseSegments(line).flatMap((entry, number) => {
        const [modality, value] = parseEntry(entry, number);
        return mediaFor(modality, value) === undefined ? [] : [join(directory, String(value))];
      });
    } catch {
      return [];
    }
  };

  const readSegment = async (entry: unknown, number: number): Promise<Segment> => {
    const [modality, value] = parseEntry(entry, number);
    const media = mediaFor(modality, value);
    if (media === undefined) return { modality, value };
    if (typeof value !== 'string' || value === '') {
      throw badRecord(
        `segment ${number}: '${modality}' is ${formatValue(value)}, expected the path of a file, or a value that it accepts.`,
      );
    }
    const bytes = await readWholeFile(await pathInside(directory, value), value);
    return { modality, value: await decodeFile(media.decode, bytes, value) };
  };

  return indexedSource({
    name: path,
    length: index.length,
    locate: (i) => `${path}:${index.line(i)}`,
    files: async function* () {
      yield path;
      for (let i = 0; i < index.length; i++) yield* listNamedFiles(await index.read(i).catch(() => ''));
    },
    readSegments: async (i) => Promise.all(parseSegments(await index.read(i)).map(readSegment)),
  });
}

function parseSegments(line: string): readonly unknown[] {
  const record = parseJson(line, 'the line') as { segments?: unknown } | null;
  const segments = record?.segments;
  if (!Array.isArray(segments) || segments.length === 0) {
    throw badRecord('has no list of segments, expected {"segments": [{"text": "…"}, …]}.');
  }
  return segments;
}

function parseEntry(entry: unknown, number: number): [modality: string, value: unknown] {
  const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  const entries = isObject ? Object.entries(entry) : [];
  if (entries.length !== 1) {
    throw badRecord(
      `segment ${number}: found ${formatValue(entry)}, expected an object with one key, its modality.`,
    );
  }
  return entries[0] as [string, unknown];
}
