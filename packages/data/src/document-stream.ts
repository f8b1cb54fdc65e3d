/**
 * The endless sequence of documents that a run trains on. Which record comes at which position, and all
 * randomness in it, follows from the seed and the position alone; so a run that stopped resumes exactly
 * from a small state.
 */
import { TransfusionError } from '@transfusion/errors';
import type { Document } from '@transfusion/modality';
import { createRng, type Rng } from '@transfusion/nn';
import type { DocumentSource } from './document-source.js';

/** Changes a document after it was read: the order of its segments, what is left out. */
export type DocumentTransform = (document: Document, rng: Rng) => Document;

/** A source, and its share in a mixture. */
export interface MixturePart {
  readonly source: DocumentSource;
  /** Frequency of documents from this source, relative to the other weights; defaults to 1. */
  readonly weight?: number;
  readonly transform?: DocumentTransform;
}

/** A position in a stream; plain data, for checkpoints. */
export interface StreamState {
  /** Documents read before it. */
  readonly position: number;
  /** Records read from each source. */
  readonly taken: readonly number[];
  /** The sources that were read; a state without them is taken for one of equal sources. */
  readonly sources?: readonly SourceSize[];
}

/** A source in a state. Its name is for messages only: a data set may be moved. */
export interface SourceSize {
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
  /** For all randomness at this position. */
  readonly rng: Rng;
  read(): Promise<Document>;
  /** The state after this record. */
  readonly next: StreamState;
}

/** An endless sequence of documents, read from any of its states on. */
export interface DocumentStream {
  /** The state before the first record. */
  readonly start: StreamState;
  /**
   * Returns the record that comes next in a state; reads nothing yet.
   *
   * @throws TransfusionError `mismatch` for a state with another number of sources, or of records in one
   */
  at(state: StreamState): StreamEntry;
}

/**
 * Mixes sources by their weights, each shuffled anew in each of its epochs.
 *
 * @throws TransfusionError `invalid-argument` for no source, an empty one, or a weight that is not positive
 */
export function createDocumentStream(parts: readonly MixturePart[], seed: number): DocumentStream {
  checkParts(parts);
  const root = createRng(seed);
  const totalWeight = parts.reduce((sum, { weight = 1 }) => sum + weight, 0);
  const orders = parts.map((): { epoch: number; order: Uint32Array } => ({
    epoch: -1,
    order: new Uint32Array(),
  }));

  const pickPart = (rng: Rng): number => {
    let remaining = rng.uniform() * totalWeight;
    const index = parts.findIndex(({ weight = 1 }) => (remaining -= weight) < 0);
    return index < 0 ? parts.length - 1 : index;
  };
  const recordAt = (part: number, count: number): { index: number; epoch: number } => {
    const { length } = parts[part].source;
    const epoch = Math.floor(count / length);
    const known = orders[part];
    if (known.epoch !== epoch) {
      orders[part] = { epoch, order: root.fork(`order of ${part}`).fork(epoch).permutation(length) };
    }
    return { index: orders[part].order[count % length], epoch };
  };

  const sources = parts.map(({ source: { name, length } }): SourceSize => ({ name, length }));

  return {
    start: { position: 0, taken: parts.map(() => 0), sources },
    at: (state) => {
      checkState(state, sources);
      const { position, taken } = state;
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

function checkState({ taken, sources: earlier = [] }: StreamState, sources: readonly SourceSize[]): void {
  if (taken.length !== sources.length) {
    throw new TransfusionError(
      'mismatch',
      `DocumentStream: the state is of ${taken.length} sources, but there are ${sources.length}. ` +
        'Give the sources that the run began with.',
    );
  }
  const changed = earlier.findIndex(({ length }, i) => length !== sources[i].length);
  if (changed < 0) return;
  const [now, then] = [sources[changed], earlier[changed]];
  throw new TransfusionError(
    'mismatch',
    `DocumentStream: source ${changed}, '${now.name}', has ${now.length} records, but the run began with ` +
      `${then.length} in '${then.name}'. The order of an epoch depends on their number: give the data that ` +
      'the run began with, or begin another run.',
  );
}

function checkParts(parts: readonly MixturePart[]): void {
  if (parts.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      'createDocumentStream: there is no source, expected one or more.',
    );
  }
  for (const { source, weight = 1 } of parts) {
    if (source.length === 0) {
      throw new TransfusionError(
        'invalid-argument',
        `createDocumentStream: '${source.name}' has no records.`,
      );
    }
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new TransfusionError(
        'invalid-argument',
        `createDocumentStream: the weight of '${source.name}' is ${weight}, expected a positive number.`,
      );
    }
  }
}
