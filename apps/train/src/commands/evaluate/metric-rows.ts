import { compareMetrics, type Metric, type MetricComparison } from '@transfusion/evaluators';
import type { EvaluatedRun } from './evaluated-run.js';

/** A metric of several models. */
export interface MetricRow {
  readonly evaluator: string;
  readonly name: string;
  /** One per model. */
  readonly metrics: readonly Metric[];
  /** Comparisons with the first model, one per further model. */
  readonly comparisons: readonly MetricComparison[];
}

/** Returns the metrics side by side; all runs have been evaluated with the same evaluators. */
export function metricRows(evaluated: readonly EvaluatedRun[]): MetricRow[] {
  return evaluated[0].evaluations.flatMap(({ evaluator, metrics }, i) =>
    metrics.map((first, k) => {
      const all = evaluated.map(({ evaluations }) => evaluations[i].metrics[k]);
      const comparisons = all.slice(1).map((metric) => compareMetrics(first, metric));
      return { evaluator, name: first.name, metrics: all, comparisons };
    }),
  );
}
