/**
 * The endless sequence of documents that a run trains on. The record at each position, and all randomness in it, is a
 * function of the seed and the position, so a run resumes exactly from a small cursor.
 */
import { TransfusionError } from '@transfusion/errors';
import type { Document } from '@transfusion/modality';
import { createRng, type Rng } from '@transfusion/nn';
import type { DocumentSource } from './document-source.js';

/** Transforms a document that was read: reorders its segments, or drops some. */
export type DocumentTransform = (document: Document, rng: Rng) => Document;

/** A source, and its weight in a mixture. */
export interface MixturePart {
  readonly source: DocumentSource;
  /** Frequency of documents from this source, relative to the other weights; defaults to 1. */
  readonly weight?: number;
  readonly transform?: DocumentTransform;
}

/** A position in a stream; plain data, for checkpoints. */
export interface StreamCursor {
  /** Number of documents before it. */
  readonly position: number;
  /** Records read so far, by source. */
  readonly taken: readonly number[];
  /** If absent, the sources are assumed unchanged. */
  readonly sources?: readonly SourceInfo[];
}

/**
 * Name and length of a source when the cursor was saved. Only the length is compared, so a data set may be moved.
 */
export interface SourceInfo {
  readonly name: string;
  readonly length: number;
}

/** The record at a position of the stream. */
export interface StreamEntry {
  readonly source: DocumentSource;
  /** Index in its source. */
  readonly index: number;
  /** Complete passes over the source before this record. */
  readonly epoch: number;
  /** Source of all randomness at this position. */
  readonly rng: Rng;
  /** Reads and transforms the record. */
  read(): Promise<Document>;
  /** The cursor after this record. */
  readonly next: StreamCursor;
}

/** An endless sequence of documents, which can be read from any cursor. */
export interface DocumentStream {
  /** The cursor of the first record. */
  readonly start: StreamCursor;
  /**
   * Returns the entry at a cursor, without reading its record.
   *
   * @throws TransfusionError `mismatch` if the number of sources, or the length of one, has changed
   */
  at(cursor: StreamCursor): StreamEntry;
}

/**
 * Mixes sources by their weights, reshuffling each source every epoch.
 *
 * @throws TransfusionError `invalid-argument` without sources, for an empty source, or for a weight that is not positive
 */
export function createDocumentStream(parts: readonly MixturePart[], seed: number): DocumentStream {
  checkParts(parts);
  const root = createRng(seed);
  const totalWeight = parts.reduce((sum, { weight = 1 }) => sum + weight, 0);
  // The permutation of each source's current epoch.
  const permutations = parts.map((): { epoch: number; order: Uint32Array } => ({
    epoch: -1,
    order: new Uint32Array(),
  }));

  const pickPart = (rng: Rng): number => {
    let remaining = rng.uniform() * totalWeight;
    for (const [index, { weight = 1 }] of parts.entries()) {
      remaining -= weight;
      if (remaining < 0) return index;
    }
    // Rounding can leave `remaining` at 0 or above.
    return parts.length - 1;
  };
  const recordAt = (part: number, count: number): { index: number; epoch: number } => {
    const { length } = parts[part].source;
    const epoch = Math.floor(count / length);
    let cached = permutations[part];
    if (cached.epoch !== epoch) {
      cached = { epoch, order: root.fork(`order of ${part}`).fork(epoch).permutation(length) };
      permutations[part] = cached;
    }
    return { index: cached.order[count % length], epoch };
  };

  const sources = parts.map(({ source: { name, length } }): SourceInfo => ({ name, length }));

  return {
    start: { position: 0, taken: parts.map(() => 0), sources },
    at: (cursor) => {
      checkCursor(cursor, sources);
      const { position, taken } = cursor;
      const rng = root.fork('documents').fork(position);
      const part = pickPart(rng.fork('source'));
      const { source, transform } = parts[part];
      const { index, epoch } = recordAt(part, taken[part]);
      return {
        source,
        index,
        epoch,
        rng,
        read: async () => {
          const document = await source.read(index, rng.fork('read'));
          return transform === undefined ? document : transform(document, rng.fork('transform'));
        },
        next: {
          position: position + 1,
          taken: taken.map((count, i) => (i === part ? count + 1 : count)),
          sources,
        },
      };
    },
  };
}

function checkCursor({ taken, sources: saved = [] }: StreamCursor, sources: readonly SourceInfo[]): void {
  if (taken.length !== sources.length) {
    throw new TransfusionError(
      'mismatch',
      `DocumentStream: the cursor was saved with ${taken.length} sources, but there are ${sources.length}. ` +
        'Pass the sources the run started with.',
    );
  }
  const changed = saved.findIndex(({ length }, i) => length !== sources[i].length);
  if (changed < 0) return;
  const [now, then] = [sources[changed], saved[changed]];
  throw new TransfusionError(
    'mismatch',
    `DocumentStream: source ${changed}, '${now.name}', has ${now.length} records, but the cursor was saved with ` +
      `${then.length} in '${then.name}'. The order of an epoch depends on the number of records: pass the sources ` +
      'the run started with, or start a new run.',
  );
}

function checkParts(parts: readonly MixturePart[]): void {
  if (parts.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      'createDocumentStream: there are no sources, expected at least one. Pass the sources to train on.',
    );
  }
  for (const { source, weight = 1 } of parts) {
    if (source.length === 0) {
      throw new TransfusionError(
        'invalid-argument',
        `createDocumentStream: '${source.name}' has no records, expected at least one. Leave the source out.`,
      );
    }
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new TransfusionError(
        'invalid-argument',
        `createDocumentStream: the weight of '${source.name}' is ${weight}, expected a positive number. Leave the source out instead of giving it no weight.`,
      );
    }
  }
}
