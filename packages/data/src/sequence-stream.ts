/**
 * The training sequences of a document stream, in order: one per document, or several for a document of tokens that is
 * longer than a row. Documents are read ahead; unusable records are skipped and reported.
 */
import type { TrainingSequence } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import type { DocumentStream, StreamCursor } from './document-stream.js';
import { prepareDocument, type PrepareDocumentOptions } from './prepare-document.js';
import type { SkippedRecord } from './skipped-record.js';

/** A position in a stream and within its document; plain data, for checkpoints. */
export interface SequenceCursor extends StreamCursor {
  /** Index among the document's sequences; defaults to 0. */
  readonly piece?: number;
}

/** A sequence, its cursor, and the cursor of the next one. */
export interface StreamedSequence {
  readonly cursor: SequenceCursor;
  readonly next: SequenceCursor;
  readonly sequence: TrainingSequence;
}

/** Options of {@link streamSequences}. */
export interface SequenceStreamOptions extends PrepareDocumentOptions {
  /** Number of documents to read ahead. */
  readonly readAhead: number;
  /** Called for each record that is skipped. */
  onSkip(record: SkippedRecord): void;
}

/** After this many unusable records in a row, all are assumed to be unusable. */
const MAX_SKIPPED_IN_A_ROW = 10_000;

/**
 * Streams endless sequences, starting at a cursor.
 *
 * @throws TransfusionError `invalid-record` for a bad record if `strict`, or if no record seems usable
 */
export async function* streamSequences(
  stream: DocumentStream,
  options: SequenceStreamOptions,
  { piece = 0, ...start }: SequenceCursor,
): AsyncGenerator<StreamedSequence, never> {
  const queue: PendingDocument[] = [];
  let ahead: StreamCursor = start;
  let firstPiece = piece;
  let skippedInARow = 0;
  for (;;) {
    while (queue.length < options.readAhead) {
      queue.push(startReading(stream, options, ahead));
      ahead = queue[queue.length - 1].next;
    }
    const document = queue.shift()!;
    const prepared = await document.prepared;
    if ('skipped' in prepared) {
      options.onSkip(prepared.skipped);
      if (++skippedInARow >= MAX_SKIPPED_IN_A_ROW) throw nothingUsable(prepared.skipped);
    } else {
      skippedInARow = 0;
      yield* withCursors(document, prepared.sequences).slice(firstPiece);
    }
    firstPiece = 0;
  }
}

/** Reads the sequences at some cursors, in the order of the cursors. */
export async function readSequences(
  stream: DocumentStream,
  options: SequenceStreamOptions,
  cursors: readonly SequenceCursor[],
): Promise<StreamedSequence[]> {
  // Several cursors can point into one document, which is read only once.
  const documents = new Map<number, PendingDocument>();
  for (const { piece: _, ...cursor } of cursors) {
    if (documents.has(cursor.position)) continue;
    documents.set(cursor.position, startReading(stream, options, cursor));
  }
  const read: StreamedSequence[] = [];
  for (const { position, piece = 0 } of cursors) {
    const document = documents.get(position)!;
    const prepared = await document.prepared;
    if ('skipped' in prepared) options.onSkip(prepared.skipped);
    // The piece no longer exists if rows have become longer since the cursor was saved.
    else read.push(...withCursors(document, prepared.sequences).slice(piece, piece + 1));
  }
  return read;
}

/** A document that is being read. */
interface PendingDocument {
  readonly cursor: StreamCursor;
  readonly next: StreamCursor;
  readonly prepared: ReturnType<typeof prepareDocument>;
}

function startReading(
  stream: DocumentStream,
  options: PrepareDocumentOptions,
  cursor: StreamCursor,
): PendingDocument {
  const entry = stream.at(cursor);
  const prepared = prepareDocument(entry, options);
  // Awaited later; until then, a rejection must not count as unhandled.
  prepared.catch(() => undefined);
  return { cursor, next: entry.next, prepared };
}

function withCursors(
  { cursor, next }: PendingDocument,
  sequences: readonly TrainingSequence[],
): StreamedSequence[] {
  const cursorOf = (piece: number): SequenceCursor => (piece === 0 ? cursor : { ...cursor, piece });
  return sequences.map((sequence, piece) => ({
    sequence,
    cursor: cursorOf(piece),
    next: piece + 1 < sequences.length ? cursorOf(piece + 1) : next,
  }));
}

function nothingUsable({ source, location, reason }: SkippedRecord): TransfusionError {
  return new TransfusionError(
    'invalid-record',
    `${source}: ${MAX_SKIPPED_IN_A_ROW} records in a row are unusable, the last one ${location}: ${reason}`,
  );
}
