import { TransfusionError } from '@transfusion/errors';
import type { Document, ModalityRegistry } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import { badRecord } from './record-errors.js';

/** Options of {@link checkSource}. */
export interface CheckSourceOptions {
  /** Modalities that must accept the segments' values; without them, values are not checked. */
  readonly modalities?: Pick<ModalityRegistry, 'get'>;
  /** Number of records, from the first on; defaults to all. */
  readonly limit?: number;
  /** Examples kept of each reason; defaults to 3. */
  readonly examplesPerReason?: number;
  /** Throws the first bad record's error instead of counting it. */
  readonly strict?: boolean;
  onProgress?(checked: number, total: number): void;
}

/** Records that are skipped for the same reason. */
export interface SkipReason {
  /** With `…` for what differs from record to record. */
  readonly reason: string;
  readonly count: number;
  /** Whole messages, which begin with the record's location. */
  readonly examples: readonly string[];
}

/** The usable and unusable records of a source. */
export interface SourceReport {
  /** Records that can be used. */
  readonly documents: number;
  /** Records that cannot. */
  readonly skipped: number;
  /** Why not, the most frequent reason first. */
  readonly reasons: readonly SkipReason[];
  /** Segments of each modality in the documents. */
  readonly segments: Readonly<Record<string, number>>;
}

/** Records read at a time: enough to keep decoders busy, few enough to hold large images in memory. */
const AT_A_TIME = 4;

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
      if (isAboutRecord(error)) return error;
      throw error;
    }
  };

  for (let start = 0; start < total; start += AT_A_TIME) {
    const count = Math.min(AT_A_TIME, total - start);
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
      const reason = reasonOf(result.message, source.locate(start + i));
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
    let isValue: boolean;
    try {
      isValue = modalities.get(name).accepts(value);
    } catch (cause) {
      throw badRecord(`${location}: segment ${i}: ${(cause as Error).message}`, cause);
    }
    if (!isValue) throw badRecord(`${location}: segment ${i}: the ${typeof value} is no value of '${name}'.`);
  }
}

function isAboutRecord(error: unknown): error is TransfusionError {
  return TransfusionError.isInstance(error) && ['invalid-record', 'invalid-file'].includes(error.code);
}

/** Returns the message without its location, and with `…` for names, values and numbers. */
function reasonOf(message: string, location: string): string {
  const reason = message.startsWith(`${location}: `) ? message.slice(location.length + 2) : message;
  return reason
    .replace(/'[^']*'/g, "'…'")
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\d+/g, '…');
}
