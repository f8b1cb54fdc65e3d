import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentSource, ReadOptions } from '../document-source.js';
import { hashValue } from '../hash-value.js';

/** Provided by each format; {@link indexedSource} adds the rest. */
export interface IndexedRecords {
  readonly name: string;
  readonly length: number;
  locate(index: number): string;
  /** Lists the files behind the records. Missing files are not an error here: reading the record reports them. */
  files(): Iterable<string> | AsyncIterable<string>;
  /**
   * Reads a record.
   *
   * @throws TransfusionError; the message must not include the location, which {@link indexedSource} prepends
   */
  readSegments(index: number, rng: Rng, options?: ReadOptions): Promise<readonly Segment[]>;
}

/** Names a source of several files: `a.tar and 3 more`. */
export function describeFiles(paths: readonly string[]): string {
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return `${paths[0] ?? 'no files'}${more}`;
}

/**
 * Builds a `DocumentSource` from a format's records: adds range checks, the data fingerprint, and the record's location
 * to errors.
 *
 * @throws TransfusionError `invalid-file` if there are no records
 */
export function indexedSource({ name, length, locate, files, readSegments }: IndexedRecords): DocumentSource {
  if (length === 0) {
    throw new TransfusionError('invalid-file', `${name}: found no records. Is this the right path?`);
  }
  return {
    name,
    length,
    locate,
    dataHash: () => fingerprintFiles(files()),
    read: async (index, rng, options) => {
      if (!Number.isInteger(index) || index < 0 || index >= length) {
        throw new TransfusionError(
          'invalid-argument',
          `${name}: record ${index} does not exist, expected 0 to ${length - 1}.`,
        );
      }
      try {
        return { segments: await readSegments(index, rng, options) };
      } catch (cause) {
        if (!TransfusionError.isInstance(cause)) throw cause;
        throw new TransfusionError(cause.code, `${locate(index)}: ${cause.message}`, { cause });
      }
    },
  };
}

/**
 * Fingerprints files by base name and size, in order. Base names only, so that moving the data set keeps its latent cache
 * valid.
 */
async function fingerprintFiles(paths: Iterable<string> | AsyncIterable<string>): Promise<string> {
  const files: (readonly [name: string, size: number | undefined])[] = [];
  for await (const path of paths) {
    const stats = await stat(path).catch(() => undefined);
    files.push([basename(path), stats?.size]);
  }
  return hashValue(files);
}
