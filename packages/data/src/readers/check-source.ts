import { TransfusionError } from '@transfusion/errors';
import type { Document, ModalityRegistry } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import { badRecord } from './record-errors.js';

/** How much is checked, and how strictly. */
export interface CheckSourceOptions {
  /** Modalities that take the segments' values; without them, values are not looked at. */
  readonly modalities?: Pick<ModalityRegistry, 'get'>;
  /** How many records, from the first on; all by default. */
  readonly limit?: number;
  /** How many examples of each reason are kept; 3 by default. */
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
  /** Whole messages, which begin with the record's place. */
  readonly examples: readonly string[];
}

/** What reading a source would give. */
export interface SourceReport {
  /** Records that can be used. */
  readonly documents: number;
  /** Records that cannot. */
  readonly skipped: number;
  /** Why not; the commonest reason first. */
  readonly reasons: readonly SkipReason[];
  /** How many segments the documents have of each modality. */
  readonly segments: Readonly<Record<string, number>>;
}

/** Records read at a time: enough to keep decoders busy, few enough to hold large images in memory. */
const AT_A_TIME = 4;

/**
 * Reads a source's records and says which cannot be used, and why.
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

function checkValues({ segments }: Document, modalities: Pick<ModalityRegistry, 'get'>, place: string): void {
  for (const [i, { modality: name, value }] of segments.entries()) {
    let isValue: boolean;
    try {
      isValue = modalities.get(name).accepts(value);
    } catch (cause) {
      throw badRecord(`${place}: segment ${i}: ${(cause as Error).message}`, cause);
    }
    if (!isValue) throw badRecord(`${place}: segment ${i}: the ${typeof value} is no value of '${name}'.`);
  }
}

function isAboutRecord(error: unknown): error is TransfusionError {
  return TransfusionError.isInstance(error) && ['invalid-record', 'invalid-file'].includes(error.code);
}

/** The message without its place, and with `…` for names, values and numbers. */
function reasonOf(message: string, place: string): string {
  const withoutPlace = message.startsWith(`${place}: `) ? message.slice(place.length + 2) : message;
  return withoutPlace
    .replace(/'[^']*'/g, "'…'")
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\d+/g, '…');
}
