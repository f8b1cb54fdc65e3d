import type { TransfusionError } from '@transfusion/errors';
import type { Document, ModalityRegistry } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import { withoutLocation } from '../skipped-record.js';
import { badRecord, isRecordError } from './record-errors.js';

/** Options of {@link checkSource}. */
export interface CheckSourceOptions {
  /** Modalities that must accept the segments' values; if absent, values are not checked. */
  readonly modalities?: Pick<ModalityRegistry, 'get'>;
  /** Number of records to check, from the first one; defaults to all. */
  readonly limit?: number;
  /** Number of examples to report per reason; defaults to 3. */
  readonly examplesPerReason?: number;
  /** Throws the first bad record's error instead of counting it. */
  readonly strict?: boolean;
  onProgress?(checked: number, total: number): void;
}

/** Records that are skipped for the same reason. */
export interface SkipReason {
  /** The message, with `…` in place of values that differ between records. */
  readonly reason: string;
  readonly count: number;
  /** Full messages, which begin with the record's location. */
  readonly examples: readonly string[];
}

/** The usable and unusable records of a source. */
export interface SourceReport {
  /** Number of usable records. */
  readonly documents: number;
  /** Number of unusable records. */
  readonly skipped: number;
  /** Reasons that they are unusable, the most frequent one first. */
  readonly reasons: readonly SkipReason[];
  /** Number of segments by modality, in the usable records. */
  readonly segments: Readonly<Record<string, number>>;
}

/** Number of records read concurrently: keeps decoders busy, and few large images in memory. */
const CONCURRENCY = 4;

/**
 * Reads a source's records and reports which cannot be used, and why.
 *
 * @throws TransfusionError for bad records only if `strict`
 */
export async function checkSource(
  source: DocumentSource,
  options: CheckSourceOptions = {},
): Promise<SourceReport> {
  const { modalities, limit = Infinity, examplesPerReason = 3, strict = false, onProgress } = options;
  const total = Math.min(source.length, limit);
  const rng = createRng(0);
  const segments = new Map<string, number>();
  const reasons = new Map<string, { reason: string; count: number; examples: string[] }>();
  let documents = 0;

  const readOne = async (index: number): Promise<Document | TransfusionError> => {
    try {
      const document = await source.read(index, rng.fork(index));
      if (modalities !== undefined) checkValues(document, modalities, source.locate(index));
      return document;
    } catch (error) {
      if (isRecordError(error)) return error;
      throw error;
    }
  };

  for (let start = 0; start < total; start += CONCURRENCY) {
    const count = Math.min(CONCURRENCY, total - start);
    const results = await Promise.all(Array.from({ length: count }, (_, i) => readOne(start + i)));
    results.forEach((result, i) => {
      if ('segments' in result) {
        documents++;
        for (const { modality } of result.segments) {
          segments.set(modality, (segments.get(modality) ?? 0) + 1);
        }
        return;
      }
      if (strict) throw result;
      const reason = generalize(withoutLocation(result.message, source.locate(start + i)));
      const group = reasons.get(reason) ?? { reason, count: 0, examples: [] };
      reasons.set(reason, group);
      group.count++;
      if (group.examples.length < examplesPerReason) group.examples.push(result.message);
    });
    onProgress?.(start + count, total);
  }
  return {
    documents,
    skipped: total - documents,
    reasons: [...reasons.values()].sort((a, b) => b.count - a.count),
    segments: Object.fromEntries(segments),
  };
}

function checkValues(
  { segments }: Document,
  modalities: Pick<ModalityRegistry, 'get'>,
  location: string,
): void {
  for (const [i, { modality: name, value }] of segments.entries()) {
    let isAccepted: boolean;
    try {
      isAccepted = modalities.get(name).accepts(value);
    } catch (cause) {
      throw badRecord(`${location}: segment ${i}: ${(cause as Error).message}`, cause);
    }
    if (!isAccepted) {
      throw badRecord(
        `${location}: segment ${i}: the ${typeof value} is not a value of '${name}'. Fix the record, or the reader's options.`,
      );
    }
  }
}

/** Replaces names, values and numbers by `…`. */
function generalize(reason: string): string {
  return reason
    .replace(/'[^']*'/g, "'…'")
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\d+/g, '…');
}
