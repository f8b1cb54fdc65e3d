import {
  checkFits,
  layoutDocument,
  sampleNoise,
  type BatchShape,
  type NoiseOptions,
  type TrainingSequence,
  type Transfusion,
} from '@transfusion/core';
import { TransfusionError, type TransfusionErrorCode } from '@transfusion/errors';
import { encodeDocument, type Document, type ModalityRegistry } from '@transfusion/modality';
import type { StreamEntry } from './document-stream.js';
import { skippedRecord, type SkippedRecord } from './skipped-record.js';
import { splitLayout } from './split-layout.js';

/** Options of {@link prepareDocument}. */
export interface PrepareDocumentOptions extends NoiseOptions {
  readonly model: Pick<Transfusion, 'modalities' | 'vocabulary'>;
  readonly batchShape: BatchShape;
  /** Throws the error of a bad record instead of skipping it; defaults to false. */
  readonly strict?: boolean;
}

/** A document as training sequences, or the record that was skipped. */
export type PreparedDocument =
  { readonly sequences: readonly TrainingSequence[] } | { readonly skipped: SkippedRecord };

/**
 * Codes of errors that make a record unusable. All others are thrown: a modality that breaks its contract (`invalid-plugin`)
 * would make every record look bad.
 */
const RECORD_ERROR_CODES: ReadonlySet<TransfusionErrorCode> = new Set([
  'invalid-record',
  'invalid-file',
  'mismatch',
]);

/**
 * Reads a document, encodes it, lays it out (in pieces if it is longer than a row) and samples its noise.
 *
 * @throws TransfusionError for a bad record only if `strict`, for anything else always; the message begins with the
 *   record's location
 */
export async function prepareDocument(
  entry: Pick<StreamEntry, 'source' | 'index' | 'rng' | 'read'>,
  {
    model: { modalities, vocabulary },
    batchShape,
    strict = false,
    captionNoiseLimit,
  }: PrepareDocumentOptions,
): Promise<PreparedDocument> {
  try {
    const document = await entry.read();
    checkModalities(modalities, document);
    const encoded = await encodeDocument(modalities, document);
    const layouts = splitLayout(layoutDocument(modalities, vocabulary, encoded), batchShape.rowLength);
    // No later piece is longer than the first.
    checkFits(batchShape, layouts[0]);
    // Pieces share the generator, but not noise: a document with spans is never split.
    const rng = entry.rng.fork('noise');
    return {
      sequences: layouts.map((layout) => sampleNoise(modalities, layout, rng, { captionNoiseLimit })),
    };
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    const skipped = skippedRecord(entry, error);
    if (!strict && RECORD_ERROR_CODES.has(error.code)) return { skipped };
    throw new TransfusionError(error.code, `${skipped.location}: ${skipped.reason}`, { cause: error });
  }
}

/**
 * Throws if the registry does not have a segment's modality. `registry.get` would throw `not-found`; an unknown name in a
 * record is an `invalid-record`, so that it can be skipped.
 */
function checkModalities(modalities: ModalityRegistry, { segments }: Document): void {
  const names = modalities.modalities.map(({ name }) => name);
  segments.forEach(({ modality }, index) => {
    if (names.includes(modality)) return;
    throw new TransfusionError(
      'invalid-record',
      `segment ${index}: unknown modality '${modality}', expected one of ${names.map((name) => `'${name}'`).join(', ')}. ` +
        'Rename it in the record, or add the modality to the model.',
    );
  });
}
