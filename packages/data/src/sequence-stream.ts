/**
 * The training sequences of a document stream, in its order: one for each document, or several where a document of
 * tokens is longer than a row. Documents are read ahead; records that cannot be used are skipped and reported.
 */
import type { TrainingSequence } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import type { DocumentStream, StreamState } from './document-stream.js';
import { prepareDocument, type PrepareOptions, type SkippedRecord } from './prepare-document.js';

/** A position in the stream and in its document; plain data, for checkpoints. */
export interface SequenceCursor extends StreamState {
  /** Index among the document's sequences; the first if absent. */
  readonly piece?: number;
}

/** A sequence, the cursor that it was read at, and the cursor of the one after it. */
export interface StreamedSequence {
  readonly cursor: SequenceCursor;
  readonly next: SequenceCursor;
  readonly sequence: TrainingSequence;
}

/** Options of {@link streamSequences}. */
export interface SequenceStreamOptions extends PrepareOptions {
  /** Documents read at a time. */
  readonly readAhead: number;
  /** Called for each record that is skipped. */
  onSkip(record: SkippedRecord): void;
}

/** So many records in a row that cannot be used mean that none can. */
const MAX_SKIPPED_IN_A_ROW = 10_000;

/**
 * Endless sequences from a cursor on.
 *
 * @throws TransfusionError `invalid-record` when records are strict, or when none seems usable
 */
export async function* streamSequences(
  stream: DocumentStream,
  options: SequenceStreamOptions,
  { piece = 0, ...from }: SequenceCursor,
): AsyncGenerator<StreamedSequence, never> {
  const queue: PendingDocument[] = [];
  let ahead: StreamState = from;
  let firstPiece = piece;
  let skippedInARow = 0;
  for (;;) {
    while (queue.length < options.readAhead) {
      queue.push(begin(stream, options, ahead));
      ahead = queue[queue.length - 1].next;
    }
    const document = queue.shift()!;
    const prepared = await document.prepared;
    if ('reason' in prepared) {
      options.onSkip(prepared);
      if (++skippedInARow >= MAX_SKIPPED_IN_A_ROW) throw nothingUsable(prepared);
    } else {
      skippedInARow = 0;
      yield* sequencesOf(document, prepared).slice(firstPiece);
    }
    firstPiece = 0;
  }
}

/** The sequences at some cursors, in the order of the cursors. */
export async function sequencesAt(
  stream: DocumentStream,
  options: SequenceStreamOptions,
  cursors: readonly SequenceCursor[],
): Promise<StreamedSequence[]> {
  // Pieces of one document wait together; it is read once for all of them.
  const documents = new Map<number, PendingDocument>();
  for (const { piece: _, ...state } of cursors) {
    if (!documents.has(state.position)) documents.set(state.position, begin(stream, options, state));
  }
  const found: StreamedSequence[] = [];
  for (const { position, piece = 0 } of cursors) {
    const document = documents.get(position)!;
    const prepared = await document.prepared;
    if ('reason' in prepared) options.onSkip(prepared);
    // A document has fewer pieces than it had if rows have become longer since.
    else found.push(...sequencesOf(document, prepared).slice(piece, piece + 1));
  }
  return found;
}

/** A document that is being read. */
interface PendingDocument {
  readonly state: StreamState;
  readonly next: StreamState;
  readonly prepared: ReturnType<typeof prepareDocument>;
}

function begin(stream: DocumentStream, options: PrepareOptions, state: StreamState): PendingDocument {
  const entry = stream.at(state);
  const prepared = prepareDocument(entry, options);
  // It is awaited in its turn; until then a rejection must not count as unhandled.
  prepared.catch(() => undefined);
  return { state, next: entry.next, prepared };
}

function sequencesOf(
  { state, next }: PendingDocument,
  sequences: readonly TrainingSequence[],
): StreamedSequence[] {
  const cursorOf = (piece: number): SequenceCursor => (piece === 0 ? state : { ...state, piece });
  return sequences.map((sequence, piece) => ({
    sequence,
    cursor: cursorOf(piece),
    next: piece + 1 < sequences.length ? cursorOf(piece + 1) : next,
  }));
}

function nothingUsable({ source, location, reason }: SkippedRecord): TransfusionError {
  return new TransfusionError(
    'invalid-record',
    `${source}: ${MAX_SKIPPED_IN_A_ROW} records in a row could not be used, the last of them ${location}: ${reason}`,
  );
}
