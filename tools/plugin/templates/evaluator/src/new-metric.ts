/** A score of values against references: the mean absolute error. Replace it, and this comment. */
import { TransfusionError } from '@transfusion/errors';

/** A generated value and its reference. */
export interface ComparedPair {
  readonly value: ArrayLike<number>;
  readonly reference: ArrayLike<number>;
}

/** Scores of values. */
export interface NewMetricScores {
  /** Mean over all pairs. */
  readonly mean: number;
  /** One per pair, in order. */
  readonly scores: readonly number[];
}

/**
 * Computes the mean absolute error of each value. Lower is more similar, 0 for equal values.
 *
 * @throws TransfusionError `invalid-argument` without pairs, or for an empty value; `mismatch` for a pair of different lengths
 */
export function newMetric(pairs: readonly ComparedPair[]): NewMetricScores {
  if (pairs.length === 0) {
    throw new TransfusionError('invalid-argument', 'newMetric: found no pairs, expected at least one.');
  }
  const scores = pairs.map(({ value, reference }, index) => {
    checkPair(value, reference, index);
    return Array.from(value).reduce((sum, x, i) => sum + Math.abs(x - reference[i]), 0) / value.length;
  });
  return { mean: scores.reduce((sum, score) => sum + score, 0) / scores.length, scores };
}

function checkPair(value: ArrayLike<number>, reference: ArrayLike<number>, index: number): void {
  if (value.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `newMetric: the value of pair ${index} is empty, expected at least one number.`,
    );
  }
  if (value.length === reference.length) return;
  throw new TransfusionError(
    'mismatch',
    `newMetric: the value of pair ${index} has ${value.length} numbers, expected ${reference.length}, as its reference has. ` +
      'Resample it.',
  );
}
