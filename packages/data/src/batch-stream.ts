/**
 * Batches of one shape, filled from a document stream. A document that finds no room in a batch is set
 * aside for the next one while later, shorter ones fill the gaps.
 */
import { assembleBatch, createRowPacker, type BatchArrays } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import type { DocumentStream } from './document-stream.js';
import type { PrepareOptions, SkippedRecord } from './prepare-document.js';
import { sequencesAt, streamSequences, type PlacedSequence, type SequencePlace } from './sequence-stream.js';

/** How documents become batches. */
export interface BatchStreamOptions extends PrepareOptions {
  /** How many documents are read at a time; 64 by default. Batches do not depend on it. */
  readonly readAhead?: number;
  /** Called for each record that is skipped; again for some if a run is resumed. */
  onSkip?(record: SkippedRecord): void;
}

/** Where a sequence of batches goes on; plain data, for checkpoints. */
export interface BatchCursor extends SequencePlace {
  /** Places before this one whose documents, or pieces of them, are still to come, first of all. */
  readonly setAside?: readonly SequencePlace[];
}

/** A batch, and where the next one begins. */
export interface StreamedBatch {
  readonly batch: BatchArrays;
  readonly next: BatchCursor;
}

/** A batch is full when so many documents found no room: more fill it hardly better (see the README). */
const MAX_SET_ASIDE = 32;

/**
 * Endless batches from a cursor on; equal cursors give equal batches. A document of tokens that is longer
 * than a row is trained on in pieces.
 *
 * @throws TransfusionError `invalid-record` when records are strict, or when none seems usable
 */
export async function* streamBatches(
  stream: DocumentStream,
  options: BatchStreamOptions,
  { setAside: waiting = [], ...from }: BatchCursor = stream.start,
): AsyncGenerator<StreamedBatch, never> {
  const { modalities, vocabulary, shape, readAhead = 64 } = options;
  checkReadAhead(readAhead);
  const sequences = streamSequences(stream, { ...options, readAhead }, from);
  let setAside = await sequencesAt(stream, { ...options, readAhead }, waiting);
  let next: SequencePlace = from;

  for (;;) {
    const packer = createRowPacker<PlacedSequence>(shape, ({ sequence }) => sequence.layout);
    const withoutRoom = setAside.filter((item) => !packer.add(item));
    while (withoutRoom.length < MAX_SET_ASIDE) {
      const { value: item } = await sequences.next();
      if (!packer.add(item)) withoutRoom.push(item);
      next = item.next;
    }
    setAside = withoutRoom;
    const rows = packer.rows.map((row) => row.map(({ sequence }) => sequence));
    const batch = assembleBatch(modalities, vocabulary, shape, rows);
    yield { batch, next: { ...next, setAside: setAside.map(({ place }) => withoutSources(place)) } };
  }
}

/** The cursor says once what the sources were. */
function withoutSources({ sources: _, ...place }: SequencePlace): SequencePlace {
  return place;
}

function checkReadAhead(readAhead: number): void {
  if (Number.isInteger(readAhead) && readAhead >= 1) return;
  throw new TransfusionError(
    'invalid-argument',
    `streamBatches: readAhead is ${readAhead}, expected a whole number from 1 on.`,
  );
}
