import { createRng } from '@transfusion/nn';
import type { DocumentSource, ReadOptions } from './document-source.js';
import { isRecordError } from './readers/record-errors.js';

/** Options of {@link readTexts}. `without` names a modality whose files need not be decoded, which saves time. */
export interface ReadTextsOptions extends ReadOptions {
  /** Modality of the texts; defaults to `text`. */
  readonly modality?: string;
}

/** Number of records read concurrently. */
const CONCURRENCY = 16;

/**
 * Reads the texts of a source once, in order, such as for a tokenizer. Unusable records are left out; `checkSource` reports
 * them.
 */
export async function readTexts(
  source: DocumentSource,
  { modality = 'text', ...options }: ReadTextsOptions = {},
): Promise<string[]> {
  const rng = createRng(0);
  const readOne = async (index: number): Promise<unknown[]> => {
    try {
      const { segments } = await source.read(index, rng.fork(index), options);
      return segments.filter((segment) => segment.modality === modality).map(({ value }) => value);
    } catch (error) {
      if (isRecordError(error)) return [];
      throw error;
    }
  };
  const texts: unknown[] = [];
  for (let start = 0; start < source.length; start += CONCURRENCY) {
    const count = Math.min(CONCURRENCY, source.length - start);
    const read = await Promise.all(Array.from({ length: count }, (_, i) => readOne(start + i)));
    texts.push(...read.flat());
  }
  return texts.filter((text) => typeof text === 'string');
}
