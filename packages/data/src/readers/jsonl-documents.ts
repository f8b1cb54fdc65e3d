import { dirname, join } from 'node:path';
import type { Segment } from '@transfusion/modality';
import type { DocumentSource } from '../document-source.js';
import { pathInside, readWhole, toJson } from './dataset-files.js';
import { decodeFile, listModalities, type FileMedia, type FileModalities } from './file-modality.js';
import { indexedSource } from './indexed-source.js';
import { badRecord, found } from './record-errors.js';
import { indexText } from './text-index.js';

/** Options of {@link jsonlDocuments}. */
export interface JsonlDocumentsOptions {
  /** The modalities whose segments name files, among others; their `media` decode these. */
  readonly modalities: FileModalities;
  /** The folder that the paths of files start from and stay in; defaults to the JSONL file's own. */
  readonly directory?: string;
}

/**
 * Reads documents of any segments, one JSON object a line:
 * `{"segments": [{"text": "A cat:"}, {"image": "images/cat.png"}]}`. A segment has one key, its modality. If that has
 * media, its value is the path of a file, or a value that the modality accepts (a text); otherwise it is the value
 * itself.
 *
 * @throws TransfusionError `invalid-file` if the file cannot be read, or holds nothing
 */
export async function jsonlDocuments(
  path: string,
  { modalities, directory = dirname(path) }: JsonlDocumentsOptions,
): Promise<DocumentSource> {
  const index = await indexText(path, 'line');
  const known = listModalities(modalities);

  /** Returns the media that decode the file which the value names; undefined if it is the value itself. */
  const mediaFor = (name: string, value: unknown): FileMedia | undefined => {
    const modality = known.find((candidate) => candidate.name === name);
    return modality?.accepts?.(value) === true ? undefined : modality?.media;
  };

  /** A broken line is reported when it is read. */
  const filesNamedIn = (line: string): string[] => {
    try {
      return segmentsOf(toJson(line, 'the line')).flatMap((entry, number) => {
        const [modality, value] = soleEntry(entry, number);
        return mediaFor(modality, value) === undefined ? [] : [join(directory, String(value))];
      });
    } catch {
      return [];
    }
  };

  const segmentOf = async (entry: unknown, number: number): Promise<Segment> => {
    const [modality, value] = soleEntry(entry, number);
    const media = mediaFor(modality, value);
    if (media === undefined) return { modality, value };
    if (typeof value !== 'string' || value === '') {
      throw badRecord(
        `segment ${number}: '${modality}' is ${found(value)}, expected the path of a file, or a value that it accepts.`,
      );
    }
    const bytes = await readWhole(pathInside(directory, value), value);
    return { modality, value: await decodeFile(media.decode, bytes, value) };
  };

  return indexedSource({
    name: path,
    length: index.length,
    locate: (i) => `${path}:${index.line(i)}`,
    files: async function* () {
      yield path;
      for (let i = 0; i < index.length; i++) yield* filesNamedIn(await index.read(i).catch(() => ''));
    },
    segments: async (i) => {
      const segments = segmentsOf(toJson(await index.read(i), 'the line'));
      return Promise.all(segments.map(segmentOf));
    },
  });
}

function segmentsOf(record: unknown): readonly unknown[] {
  const segments = (record as { segments?: unknown } | null)?.segments;
  if (!Array.isArray(segments) || segments.length === 0) {
    throw badRecord('has no list of segments, expected {"segments": [{"text": "…"}, …]}.');
  }
  return segments;
}

function soleEntry(entry: unknown, number: number): [modality: string, value: unknown] {
  const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  const entries = isObject ? Object.entries(entry) : [];
  if (entries.length !== 1) {
    throw badRecord(
      `segment ${number}: found ${found(entry)}, expected an object with one key, its modality.`,
    );
  }
  return entries[0] as [string, unknown];
}
