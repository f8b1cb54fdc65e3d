/** Evaluations as a table in a terminal. */
import type { EvaluatedRun } from './evaluated-run.js';
import { cellsOf, formatProvenance } from './format-metric.js';
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
  const rows = evaluated[0].evaluations.flatMap(({ evaluator }, number) =>
    metricRows(evaluated, number).map((row) => [evaluator, ...cellsOf(row)]),
  );
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
