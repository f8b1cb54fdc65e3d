/**
 * Batches of one shape, filled from a document stream: read, encode, lay out, draw noise, pack.
 * Documents are read ahead, several at a time; records that cannot be used are skipped and reported.
 */
import {
  assembleBatch,
  createRowPacker,
  drawNoise,
  layoutDocument,
  type BatchArrays,
  type BatchShape,
  type NoiseOptions,
  type TrainingSequence,
} from '@transfusion/core';
import { encodeDocument, type ModalityRegistry, type Vocabulary } from '@transfusion/modality';
import { TransfusionError } from '@transfusion/nn';
import type { DocumentStream, StreamEntry, StreamState } from './document-stream.js';

/** A record that was left out. */
export interface SkippedRecord {
  readonly source: string;
  /** `captions.jsonl:17`. */
  readonly place: string;
  readonly reason: string;
}

export interface BatchStreamOptions extends NoiseOptions {
  readonly modalities: ModalityRegistry;
  readonly vocabulary: Vocabulary;
  readonly shape: BatchShape;
  /** How many documents are read at a time; 64 by default. */
  readonly readAhead?: number;
  /** Stops at the first bad record instead of skipping it. */
  readonly strict?: boolean;
  onSkip?(record: SkippedRecord): void;
}

/** A batch, and the state in which the next one begins. */
export interface StreamedBatch {
  readonly batch: BatchArrays;
  readonly next: StreamState;
}

/** So many records in a row that cannot be used mean that none can. */
const MAX_SKIPPED_IN_A_ROW = 10_000;

/**
 * Endless batches from a state on.
 *
 * @throws TransfusionError `invalid-record` when records are strict, or when none seems usable
 */
export async function* streamBatches(
  stream: DocumentStream,
  options: BatchStreamOptions,
  from: StreamState = stream.start,
): AsyncGenerator<StreamedBatch, never> {
  const { shape, readAhead = 64 } = options;
  const queue: {
    readonly state: StreamState;
    readonly sequence: Promise<TrainingSequence | SkippedRecord>;
  }[] = [];
  let ahead = from;
  const fill = (): void => {
    while (queue.length < readAhead) {
      const entry = stream.at(ahead);
      const sequence = prepare(entry, options);
      // It is awaited in its turn; until then a rejection must not count as unhandled.
      sequence.catch(() => undefined);
      queue.push({ state: ahead, sequence });
      ahead = entry.next;
    }
  };
  let skippedInARow = 0;
  for (;;) {
    const packer = createRowPacker<TrainingSequence>(shape, ({ layout }) => layout);
    for (;;) {
      fill();
      const sequence = await queue[0].sequence;
      if ('reason' in sequence) {
        options.onSkip?.(sequence);
        if (++skippedInARow >= MAX_SKIPPED_IN_A_ROW) throw nothingUsable(sequence);
      } else {
        skippedInARow = 0;
        if (!packer.add(sequence)) break;
      }
      queue.shift();
    }
    const batch = assembleBatch(options.modalities, options.vocabulary, shape, packer.rows);
    yield { batch, next: queue[0].state };
  }
}

async function prepare(
  entry: StreamEntry,
  options: BatchStreamOptions,
): Promise<TrainingSequence | SkippedRecord> {
  const { modalities, vocabulary, shape, strict = false } = options;
  try {
    const encoded = await encodeDocument(modalities, await entry.read());
    const layout = layoutDocument(modalities, vocabulary, encoded);
    const sequence = drawNoise(modalities, layout, entry.rng.fork('noise'), options);
    // Throws if the document fits into no batch at all.
    createRowPacker<TrainingSequence>(shape, () => layout).add(sequence);
    return sequence;
  } catch (error) {
    const isBadRecord = TransfusionError.isInstance(error) && RECORD_PROBLEMS.has(error.code);
    const place = entry.source.place(entry.index);
    if (isBadRecord && !strict) return { source: entry.source.name, place, reason: error.message };
    if (!isBadRecord) throw error;
    throw new TransfusionError(error.code, `${place}: ${error.message}`, { cause: error });
  }
}

const RECORD_PROBLEMS: ReadonlySet<string> = new Set(['invalid-record', 'invalid-file', 'mismatch']);

function nothingUsable({ source, place, reason }: SkippedRecord): TransfusionError {
  return new TransfusionError(
    'invalid-record',
    `${source}: ${MAX_SKIPPED_IN_A_ROW} records in a row could not be used, the last of them ${place}: ${reason}`,
  );
}
