import { TransfusionError } from '@transfusion/errors';
import { bootstrapInterval } from './bootstrap.js';
import type { Metric } from './evaluator.js';

/**
 * Returns the mean of a value of each example, with its bootstrap interval.
 *
 * @throws TransfusionError `invalid-argument` for no values, or one that is not finite
 */
export function meanMetric(
  name: string,
  values: readonly number[],
  options: Pick<Metric, 'betterIs' | 'unit'> = {},
): Metric {
  if (values.length === 0) {
    throw new TransfusionError('invalid-argument', `${name}: found no values, expected at least one.`);
  }
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: the value of example ${index} is ${values[index]}, expected a finite number.`,
    );
  }
  const mean = (indices: Iterable<number>): number => {
    let sum = 0;
    for (const i of indices) sum += values[i];
    return sum / values.length;
  };
  return {
    name,
    value: mean(values.keys()),
    count: values.length,
    interval: bootstrapInterval(values.length, mean),
    values,
    ...options,
  };
}
