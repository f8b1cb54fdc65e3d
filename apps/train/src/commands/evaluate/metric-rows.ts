import { compareMetrics, type Metric, type MetricComparison } from '@transfusion/evaluators';
import type { EvaluatedRun } from './evaluated-run.js';

/** A metric of several models. */
export interface MetricRow {
  readonly name: string;
  /** One per model; absent where a model has none of this name. */
  readonly metrics: readonly (Metric | undefined)[];
  /** Comparisons with the first model, one per further model; absent where they were evaluated on other examples. */
  readonly comparisons: readonly (MetricComparison | undefined)[];
}

/** Returns the metrics of one evaluator side by side, in the order of the first model; all models have the same evaluators. */
export function metricRows(evaluated: readonly EvaluatedRun[], evaluator: number): MetricRow[] {
  const of = evaluated.map(({ evaluations }) => evaluations[evaluator].metrics);
  return of[0].map((first) => {
    const metrics = of.map((all) => all.find(({ name }) => name === first.name));
    const comparisons = metrics
      .slice(1)
      .map((metric) =>
        metric === undefined || metric.count !== first.count ? undefined : compareMetrics(first, metric),
      );
    return { name: first.name, metrics, comparisons };
  });
}
