import { TransfusionError } from '@transfusion/errors';
import { createRng } from '@transfusion/nn';
import type { DocumentSource } from './document-source.js';

/** Options of {@link splitSource}. */
export interface SplitSourceOptions {
  /** Fraction of the records in the validation set, which has at least one; defaults to 0.1. */
  readonly validationFraction?: number;
  /** Determines which records these are; defaults to 0. */
  readonly seed?: number;
}

/**
 * Splits a source at random into a training set and a validation set. The records of each keep their order, and the same
 * seed and number of records always give the same split.
 *
 * @throws TransfusionError `invalid-argument` for a fraction outside (0, 1), or a source of a single record
 */
export function splitSource(
  source: DocumentSource,
  { validationFraction = 0.1, seed = 0 }: SplitSourceOptions = {},
): { readonly train: DocumentSource; readonly validation: DocumentSource } {
  if (!(validationFraction > 0 && validationFraction < 1)) {
    throw new TransfusionError(
      'invalid-argument',
      `splitSource: validationFraction is ${validationFraction}, expected a number between 0 and 1.`,
    );
  }
  if (source.length < 2) {
    throw new TransfusionError(
      'invalid-argument',
      `splitSource: ${source.name} has ${source.length} record, expected at least 2: one for each set.`,
    );
  }
  const wanted = Math.round(source.length * validationFraction);
  const count = Math.min(Math.max(wanted, 1), source.length - 1);
  const order = createRng(seed).fork('split').permutation(source.length);
  return {
    train: recordsOf(source, order.subarray(count).toSorted()),
    validation: recordsOf(source, order.subarray(0, count).toSorted()),
  };
}

function recordsOf(source: DocumentSource, records: Uint32Array): DocumentSource {
  return {
    name: source.name,
    length: records.length,
    locate: (index) => source.locate(records[index]),
    ...(source.dataHash === undefined
      ? {}
      : { dataHash: async () => `${await source.dataHash!()} ${records.join()}` }),
    read: (index, rng, options) => source.read(records[index], rng, options),
  };
}
