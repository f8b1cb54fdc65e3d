import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import { hashValue } from '../hash-value.js';

/** The records of a format; the rest of a source is the same for all formats. */
export interface IndexedRecords {
  readonly name: string;
  readonly length: number;
  locate(index: number): string;
  /** The files that the records are made from; a missing one is reported by `segments`. */
  files(): Iterable<string> | AsyncIterable<string>;
  /** @throws TransfusionError without the record's location */
  segments(index: number, rng: Rng): Promise<readonly Segment[]>;
}

/** Returns the name of a source of several files. */
export function nameOfFiles(paths: readonly string[]): string {
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return `${paths[0] ?? 'no files'}${more}`;
}

/**
 * Makes a source whose errors begin with the record's location.
 *
 * @throws TransfusionError `invalid-file` if there are no records
 */
export function indexedSource({ name, length, locate, files, segments }: IndexedRecords): DocumentSource {
  if (length === 0) {
    throw new TransfusionError('invalid-file', `${name}: found no records. Is this the right path?`);
  }
  return {
    name,
    length,
    locate,
    dataHash: () => hashOfFiles(files()),
    read: async (index, rng) => {
      if (!Number.isInteger(index) || index < 0 || index >= length) {
        throw new TransfusionError(
          'invalid-argument',
          `${name}: there is no record ${index}, expected 0 to ${length - 1}.`,
        );
      }
      try {
        return { segments: await segments(index, rng) };
      } catch (cause) {
        if (!TransfusionError.isInstance(cause)) throw cause;
        throw new TransfusionError(cause.code, `${locate(index)}: ${cause.message}`, { cause });
      }
    },
  };
}

/** Hashes their names and sizes, in order. */
async function hashOfFiles(paths: Iterable<string> | AsyncIterable<string>): Promise<string> {
  const files: (readonly [name: string, size: number | undefined])[] = [];
  for await (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    files.push([basename(path), found?.size]);
  }
  return hashValue(files);
}
