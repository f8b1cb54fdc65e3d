/** Evaluations as a table in a terminal. */
import type { EvaluatedRun } from './evaluated-run.js';
import { formatComparison, formatMetric, formatProvenance } from './format-metric.js';
import { metricRows } from './metric-rows.js';

/** Formats a table with a column per model, and the provenance of each number below it. */
export function formatEvaluations(evaluated: readonly EvaluatedRun[]): string {
  const [first, ...others] = evaluated.map(({ label }) => label);
  const header = [
    'evaluator',
    'metric',
    'n',
    first,
    ...others.flatMap((label) => [label, `against ${first}`]),
  ];
  const rows = metricRows(evaluated).map(({ evaluator, name, metrics, comparisons }) => [
    evaluator,
    name,
    String(metrics[0].count),
    formatMetric(metrics[0]),
    ...comparisons.flatMap((comparison, i) => [
      formatMetric(metrics[i + 1]),
      formatComparison(metrics[0], comparison),
    ]),
  ]);
  // The name of an evaluator stands beside its first metric only.
  const shown = rows.map(([evaluator, ...rest], i) => [
    evaluator === rows[i - 1]?.[0] ? '' : evaluator,
    ...rest,
  ]);
  const provenances = evaluated.flatMap(({ evaluations }) => evaluations.map(formatProvenance));
  return [...alignedLines([header, ...shown]), '', 'Intervals cover 95 %.', ...new Set(provenances)].join(
    '\n',
  );
}

function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}
