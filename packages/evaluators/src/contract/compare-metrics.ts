/** Comparison of two models by the same examples. */
import { TransfusionError } from '@transfusion/errors';
import { bootstrapInterval } from './bootstrap.js';
import type { Metric } from './evaluator.js';
import { signFlipTest } from './sign-flip-test.js';

/** Difference of two models' metrics. */
export interface MetricComparison {
  /** Value of the second model, minus that of the first. */
  readonly difference: number;
  /** Interval of 95 % of the difference, by pairs; absent where examples have no values of their own. */
  readonly interval?: readonly [low: number, high: number];
  /** Two-sided p-value, not corrected for the number of comparisons; absent where `interval` is. */
  readonly pValue?: number;
  /** True if `pValue` is below 0.05. */
  readonly isSignificant?: boolean;
}

/**
 * Compares a metric of two models by pairs of the same examples: an interval of their differences by the bootstrap (Koehn
 * 2004), and significance by the permutation test of their signs.
 *
 * @throws TransfusionError `mismatch` if the metrics have different names or counts
 */
export function compareMetrics(first: Metric, second: Metric): MetricComparison {
  if (first.name !== second.name || first.count !== second.count) {
    throw new TransfusionError(
      'mismatch',
      `compareMetrics: found '${first.name}' of ${first.count} and '${second.name}' of ${second.count} samples, expected the same of both. Evaluate both models on the same examples.`,
    );
  }
  const difference = second.value - first.value;
  if (first.values === undefined || second.values === undefined) return { difference };
  const differences = second.values.map((value, i) => value - first.values![i]);
  const interval = bootstrapInterval(differences.length, (indices) => {
    let sum = 0;
    for (const i of indices) sum += differences[i];
    return sum / differences.length;
  });
  const pValue = signFlipTest(differences);
  return { difference, interval, pValue, isSignificant: pValue < 0.05 };
}
