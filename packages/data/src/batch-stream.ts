/**
 * Batches of one shape, filled from a document stream. A document that finds no room in a batch is set
 * aside for the next one while later, shorter ones fill the gaps.
 */
import {
  assembleBatch,
  batchShape,
  createRowPacker,
  type BatchArrays,
  type BatchShapeOptions,
  type Transfusion,
} from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import type { DocumentStream } from './document-stream.js';
import type { PrepareOptions, SkippedRecord } from './prepare-document.js';
import {
  sequencesAt,
  streamSequences,
  type SequenceCursor,
  type SequenceStreamOptions,
  type StreamedSequence,
} from './sequence-stream.js';
import { skipWarnings } from './skip-warnings.js';

/** Options of {@link streamBatches}. */
export interface BatchStreamOptions extends Omit<PrepareOptions, 'model' | 'shape'> {
  /** The model that is trained. */
  readonly model: Pick<Transfusion, 'modalities' | 'vocabulary' | 'transformer'>;
  readonly shape: BatchShapeOptions;
  /** Documents read at a time; defaults to 64. Batches do not depend on it. */
  readonly readAhead?: number;
  /**
   * Called for each record that is skipped; again for some if a run is resumed. Defaults to warnings on stderr, of the
   * first few records and then of their number; give a function that does nothing to skip silently.
   */
  onSkip?(record: SkippedRecord): void;
}

/** The position of a batch in a stream; plain data, for checkpoints. */
export interface BatchCursor extends SequenceCursor {
  /** Earlier documents, or pieces of them, that are still to come, first of all. */
  readonly setAside?: readonly SequenceCursor[];
}

/** A batch, and the cursor of the one after it. */
export interface StreamedBatch {
  readonly batch: BatchArrays;
  readonly next: BatchCursor;
}

/** A batch is full when so many documents found no room: more fill it hardly better (see the README). */
const MAX_SET_ASIDE = 32;

/**
 * Streams endless batches from a cursor on; equal cursors give equal batches. A document of tokens that is longer
 * than a row is trained on in pieces.
 *
 * @throws TransfusionError `invalid-argument` for a span capacity of a group that the model does not have,
 *   `invalid-record` when records are strict, or when none seems usable
 */
export async function* streamBatches(
  stream: DocumentStream,
  options: BatchStreamOptions,
  { setAside: waiting = [], ...from }: BatchCursor = stream.start,
): AsyncGenerator<StreamedBatch, never> {
  const { model, readAhead = 64, onSkip = skipWarnings(stream) } = options;
  checkReadAhead(readAhead);
  const shape = batchShape(model, options.shape);
  const sequenceOptions: SequenceStreamOptions = { ...options, shape, readAhead, onSkip };
  const sequences = streamSequences(stream, sequenceOptions, from);
  let setAside = await sequencesAt(stream, sequenceOptions, waiting);
  let next: SequenceCursor = from;

  for (;;) {
    const packer = createRowPacker<StreamedSequence>(shape, ({ sequence }) => sequence.layout);
    const withoutRoom = setAside.filter((item) => !packer.add(item));
    while (withoutRoom.length < MAX_SET_ASIDE) {
      const { value: item } = await sequences.next();
      if (!packer.add(item)) withoutRoom.push(item);
      next = item.next;
    }
    setAside = withoutRoom;
    const rows = packer.rows.map((row) => row.map(({ sequence }) => sequence));
    const batch = assembleBatch(model.modalities, model.vocabulary, shape, rows);
    yield { batch, next: { ...next, setAside: setAside.map(({ cursor }) => withoutSources(cursor)) } };
  }
}

/** The batch's cursor holds the sources once for all. */
function withoutSources({ sources: _, ...cursor }: SequenceCursor): SequenceCursor {
  return cursor;
}

function checkReadAhead(readAhead: number): void {
  if (Number.isInteger(readAhead) && readAhead >= 1) return;
  throw new TransfusionError(
    'invalid-argument',
    `streamBatches: readAhead is ${readAhead}, expected a positive integer.`,
  );
}
