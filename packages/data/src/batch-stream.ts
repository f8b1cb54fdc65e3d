/**
 * Batches of one shape, filled from a document stream. A document that does not fit into the current batch is set aside
 * for the next one, while later, shorter documents fill the gaps.
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
import type { PrepareDocumentOptions } from './prepare-document.js';
import {
  readSequences,
  streamSequences,
  type SequenceCursor,
  type SequenceStreamOptions,
  type StreamedSequence,
} from './sequence-stream.js';
import { skipWarnings } from './skip-warnings.js';
import type { SkippedRecord } from './skipped-record.js';

/** Options of {@link streamBatches}. */
export interface BatchStreamOptions extends Omit<PrepareDocumentOptions, 'model' | 'batchShape'> {
  /** The model to train. */
  readonly model: Pick<Transfusion, 'modalities' | 'vocabulary' | 'transformer'>;
  readonly shape: BatchShapeOptions;
  /** Number of documents to read ahead; defaults to 64. Batches do not depend on it. */
  readonly readAhead?: number;
  /**
   * Called for each skipped record; again for some of them after a resume. Defaults to {@link skipWarnings}; pass a
   * function that does nothing to skip silently.
   */
  onSkip?(record: SkippedRecord): void;
}

/** The position of a batch in a stream; plain data, for checkpoints. */
export interface BatchCursor extends SequenceCursor {
  /** Earlier documents, or pieces of them, that come first. */
  readonly setAside?: readonly SequenceCursor[];
}

/** A batch, and the cursor of the next one. */
export interface StreamedBatch {
  readonly batch: BatchArrays;
  readonly next: BatchCursor;
}

/** A batch is complete once this many documents did not fit: more would hardly fill it better (see the README). */
const MAX_SET_ASIDE = 32;

/**
 * Streams endless batches, starting at a cursor; equal cursors give equal batches. A document of tokens that is longer
 * than a row is split into pieces.
 *
 * @throws TransfusionError `invalid-argument` for a span capacity of a group that the model does not have,
 *   `invalid-record` for a bad record if `strict`, or if no record seems usable
 */
export async function* streamBatches(
  stream: DocumentStream,
  options: BatchStreamOptions,
  { setAside: initialSetAside = [], ...start }: BatchCursor = stream.start,
): AsyncGenerator<StreamedBatch, never> {
  const { model, readAhead = 64, onSkip = skipWarnings(stream) } = options;
  checkReadAhead(readAhead);
  const shape = batchShape(model, options.shape);
  const sequenceOptions: SequenceStreamOptions = { ...options, batchShape: shape, readAhead, onSkip };
  const sequences = streamSequences(stream, sequenceOptions, start);
  let setAside = await readSequences(stream, sequenceOptions, initialSetAside);
  let next: SequenceCursor = start;

  for (;;) {
    const packer = createRowPacker<StreamedSequence>(shape, ({ sequence }) => sequence.layout);
    const notFitting = setAside.filter((item) => !packer.add(item));
    while (notFitting.length < MAX_SET_ASIDE) {
      const { value: item } = await sequences.next();
      if (!packer.add(item)) notFitting.push(item);
      next = item.next;
    }
    setAside = notFitting;
    const rows = packer.rows.map((row) => row.map(({ sequence }) => sequence));
    const batch = assembleBatch(model.modalities, model.vocabulary, shape, rows);
    yield { batch, next: { ...next, setAside: setAside.map(({ cursor }) => withoutSources(cursor)) } };
  }
}

/** Omits the sources, which the batch's cursor has once for all. */
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
