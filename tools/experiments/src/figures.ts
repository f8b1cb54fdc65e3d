import type { Metric } from '@transfusion/evaluators';

/** Formats a share from 0 to 1: `87.5 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Formats a metric with its interval: `55.1 % [51.0, 59.2]`, `2.31 [2.10, 2.55]`. */
export function metricFigure({ value, interval, unit }: Metric): string {
  const of = (number: number): string => {
    if (unit === 'share') return (number * 100).toFixed(1);
    return Number.isInteger(number) && interval === undefined ? String(number) : number.toFixed(3);
  };
  const figure = unit === 'share' ? `${of(value)} %` : of(value);
  return interval === undefined ? figure : `${figure} [${interval.map(of).join(', ')}]`;
}
