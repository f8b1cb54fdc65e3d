/** Metrics as text. */
import type { Evaluation, Metric, MetricComparison } from '@transfusion/evaluators';
import type { MetricRow } from './metric-rows.js';

/** Formats a number in the metric's unit: `78.1 %`, `31.20 dB`, `7.724`. */
export function formatValue(value: number, { unit }: Pick<Metric, 'unit'>): string {
  if (unit === 'share') return `${(100 * value).toFixed(1)} %`;
  if (unit === 'dB') return `${value.toFixed(2)} dB`;
  const digits = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 0.01 || value === 0 ? 3 : 6;
  return `${value.toFixed(digits)}${unit === undefined ? '' : ` ${unit}`}`;
}

/** Formats a metric with its interval: `78.1 % [67.2 %, 87.5 %]`. */
export function formatMetric(metric: Metric): string {
  const { value, interval } = metric;
  const shown = formatValue(value, metric);
  if (interval === undefined) return shown;
  return `${shown} [${interval.map((bound) => formatValue(bound, metric)).join(', ')}]`;
}

/** Formats the difference from another model: `+2.0 points, better`, `-0.100, not significant`. */
export function formatComparison(metric: Metric, { difference, isSignificant }: MetricComparison): string {
  const size = formatValue(difference, metric).replace('%', 'points');
  const shown = `${difference < 0 ? '' : '+'}${size}`;
  if (isSignificant === undefined) return shown;
  if (!isSignificant) return `${shown}, not significant`;
  if (metric.betterIs === undefined) return `${shown}, significant`;
  return `${shown}, ${difference > 0 === (metric.betterIs === 'higher') ? 'better' : 'worse'}`;
}

/** Formats a row of a table: name, number of samples, the first model, and each further one with its difference. */
export function cellsOf({ name, metrics: [first, ...others], comparisons }: MetricRow): string[] {
  return [
    name,
    String(first!.count),
    formatMetric(first!),
    ...others.flatMap((metric, i) => {
      const comparison = comparisons[i];
      return [
        metric === undefined ? 'none' : formatMetric(metric),
        comparison === undefined ? 'not comparable' : formatComparison(first!, comparison),
      ];
    }),
  ];
}

/** Formats what numbers depend on: `captions: emoji, step 10616, weights 1f…, references 2e…, 64 examples`. */
export function formatProvenance({ evaluator, subject, model, provenance, examples }: Evaluation): string {
  const parts = Object.entries(provenance).map(([name, value]) => `${name} ${value}`);
  return `${evaluator}: ${[subject, model, ...parts, `${examples.length} examples`].join(', ')}`;
}
