import { TransfusionError } from '@transfusion/errors';
import { bootstrapInterval } from './bootstrap.js';
import type { Metric } from './evaluator.js';

/**
 * Returns the mean of a value of each example, with its interval: by the bootstrap, or Wilson's (1927) for a share, where all
 * values are 0 or 1. One value has no interval.
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
  const value = mean(values.keys());
  const count = values.length;
  const interval = values.every((one) => one === 0 || one === 1)
    ? wilsonInterval(value, count)
    : bootstrapInterval(count, mean);
  return { name, value, count, ...(count > 1 && { interval }), values, ...options };
}

/** The quantile of the normal distribution at 0.975. */
const Z = 1.959963984540054;

/** Computes the score interval of a share of 95 % (Wilson 1927), which has a width also for shares of 0 and 1. */
function wilsonInterval(share: number, count: number): readonly [low: number, high: number] {
  const scale = 1 + Z ** 2 / count;
  const center = (share + Z ** 2 / (2 * count)) / scale;
  const halfWidth = (Z / scale) * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  return [Math.max(0, center - halfWidth), Math.min(1, center + halfWidth)];
}
