import {
  createRowPacker,
  layoutDocument,
  sampleNoise,
  type BatchShape,
  type NoiseOptions,
  type SequenceLayout,
  type TrainingSequence,
  type Transfusion,
} from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { encodeDocument, type Document, type ModalityRegistry } from '@transfusion/modality';
import type { StreamEntry } from './document-stream.js';
import { splitLayout } from './split-layout.js';

/** A record that was left out. */
export interface SkippedRecord {
  /** The name of its source. */
  readonly source: string;
  /** `captions.jsonl:17`. */
  readonly location: string;
  /** Why it cannot be used, without its location. */
  readonly reason: string;
}

/** The model and the batches that documents are prepared for. */
export interface PrepareOptions extends NoiseOptions {
  readonly model: Pick<Transfusion, 'modalities' | 'vocabulary'>;
  readonly shape: BatchShape;
  /** Throws for the first bad record instead of skipping it. */
  readonly strict?: boolean;
}

const RECORD_PROBLEMS: ReadonlySet<string> = new Set(['invalid-record', 'invalid-file', 'mismatch']);

/**
 * Reads a document, encodes it, lays it out (in pieces if it is longer than a row) and samples its noise.
 *
 * @returns the skipped record, if it cannot be used
 * @throws TransfusionError for a bad record only if `strict`; the message begins with its location
 */
export async function prepareDocument(
  entry: StreamEntry,
  { model: { modalities, vocabulary }, shape, strict = false, captionNoiseLimit }: PrepareOptions,
): Promise<readonly TrainingSequence[] | SkippedRecord> {
  try {
    const document = await entry.read();
    checkModalities(modalities, document);
    const encoded = await encodeDocument(modalities, document);
    const layouts = splitLayout(layoutDocument(modalities, vocabulary, encoded), shape.rowLength);
    // Throws if the document fits into no batch at all; no later piece is longer than the first.
    createRowPacker<SequenceLayout>(shape, (layout) => layout).add(layouts[0]);
    const rng = entry.rng.fork('noise');
    return layouts.map((layout) => sampleNoise(modalities, layout, rng, { captionNoiseLimit }));
  } catch (error) {
    if (!TransfusionError.isInstance(error) || !RECORD_PROBLEMS.has(error.code)) throw error;
    const location = entry.source.locate(entry.index);
    const reason = withoutLocation(error.message, location);
    if (!strict) return { source: entry.source.name, location, reason };
    throw new TransfusionError(error.code, `${location}: ${reason}`, { cause: error });
  }
}

/** A name that no modality has is the record's mistake, not the program's. */
function checkModalities(modalities: ModalityRegistry, { segments }: Document): void {
  const known = modalities.modalities.map(({ name }) => name);
  segments.forEach(({ modality }, index) => {
    if (known.includes(modality)) return;
    throw new TransfusionError(
      'invalid-record',
      `segment ${index}: there is no modality '${modality}', only ${known.map((name) => `'${name}'`).join(', ')}.`,
    );
  });
}

/** Errors of readers begin with the location, those of later steps do not. */
function withoutLocation(message: string, location: string): string {
  return message.startsWith(`${location}: `) ? message.slice(location.length + 2) : message;
}
