/**
 * Batches of one shape, filled from a document stream. Documents are read ahead, several at a time;
 * records that cannot be used are skipped and reported. A document that finds no room in a batch is
 * set aside for the next one while later, shorter ones fill the gaps.
 */
import { assembleBatch, createRowPacker, type BatchArrays, type TrainingSequence } from '@transfusion/core';
import { TransfusionError } from '@transfusion/nn';
import type { DocumentStream, StreamState } from './document-stream.js';
import { prepareDocument, type PrepareOptions, type SkippedRecord } from './prepare-document.js';

/** How documents become batches. */
export interface BatchStreamOptions extends PrepareOptions {
  /** How many documents are read at a time; 64 by default. Batches do not depend on it. */
  readonly readAhead?: number;
  /** Called for each record that is skipped; again for some if a run is resumed. */
  onSkip?(record: SkippedRecord): void;
}

/** Where a sequence of batches goes on; plain data, for checkpoints. */
export interface BatchCursor extends StreamState {
  /** Places before `position` whose documents are still to come, first of all. */
  readonly setAside?: readonly StreamState[];
}

/** A batch, and where the next one begins. */
export interface StreamedBatch {
  readonly batch: BatchArrays;
  readonly next: BatchCursor;
}

/** A batch is full when so many documents found no room: more fill it hardly better (see the README). */
const MAX_SET_ASIDE = 32;

/** So many records in a row that cannot be used mean that none can. */
const MAX_SKIPPED_IN_A_ROW = 10_000;

/** A place of the stream whose document is being read. */
interface Candidate {
  readonly state: StreamState;
  readonly next: StreamState;
  readonly sequence: Promise<TrainingSequence | SkippedRecord>;
}

/**
 * Endless batches from a cursor on; equal cursors give equal batches.
 *
 * @throws TransfusionError `invalid-record` when records are strict, or when none seems usable
 */
export async function* streamBatches(
  stream: DocumentStream,
  options: BatchStreamOptions,
  from: BatchCursor = stream.start,
): AsyncGenerator<StreamedBatch, never> {
  const { modalities, vocabulary, shape, readAhead = 64, onSkip } = options;
  checkReadAhead(readAhead);
  const begin = (state: StreamState): Candidate => {
    const entry = stream.at(state);
    const sequence = prepareDocument(entry, options);
    // It is awaited in its turn; until then a rejection must not count as unhandled.
    sequence.catch(() => undefined);
    return { state, next: entry.next, sequence };
  };
  const queue: Candidate[] = [];
  let { position, taken }: StreamState = from;
  let ahead: StreamState = { position, taken };
  let setAside = (from.setAside ?? []).map(begin);
  let skippedInARow = 0;

  for (;;) {
    const packer = createRowPacker<TrainingSequence>(shape, ({ layout }) => layout);
    const withoutRoom: Candidate[] = [];
    const offer = async (candidate: Candidate): Promise<void> => {
      const sequence = await candidate.sequence;
      if ('reason' in sequence) {
        onSkip?.(sequence);
        if (++skippedInARow >= MAX_SKIPPED_IN_A_ROW) throw nothingUsable(sequence);
        return;
      }
      skippedInARow = 0;
      if (!packer.add(sequence)) withoutRoom.push(candidate);
    };
    for (const candidate of setAside) await offer(candidate);
    while (withoutRoom.length < MAX_SET_ASIDE) {
      while (queue.length < readAhead) {
        queue.push(begin(ahead));
        ahead = queue[queue.length - 1].next;
      }
      const candidate = queue.shift()!;
      await offer(candidate);
      ({ position, taken } = candidate.next);
    }
    setAside = withoutRoom;
    const batch = assembleBatch(modalities, vocabulary, shape, packer.rows);
    yield { batch, next: { position, taken, setAside: setAside.map(({ state }) => state) } };
  }
}

function checkReadAhead(readAhead: number): void {
  if (Number.isInteger(readAhead) && readAhead >= 1) return;
  throw new TransfusionError(
    'invalid-argument',
    `streamBatches: readAhead is ${readAhead}, expected a whole number from 1 on.`,
  );
}

function nothingUsable({ source, place, reason }: SkippedRecord): TransfusionError {
  return new TransfusionError(
    'invalid-record',
    `${source}: ${MAX_SKIPPED_IN_A_ROW} records in a row could not be used, the last of them ${place}: ${reason}`,
  );
}
