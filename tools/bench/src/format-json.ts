import { keepsFloor, type Measure } from './measure.js';
import { missedFloors, type Report } from './report.js';

/** The report as one JSON object; `measures` is keyed by name. */
export function formatJson(report: Report): string {
  const { suite, quick, machine, seconds, groups } = report;
  const measures = groups.flatMap((group) => group.measures.map((measure) => [measure.name, entry(measure)]));
  const ok = missedFloors(report).length === 0;
  return JSON.stringify(
    { suite, ok, quick, seconds, machine, measures: Object.fromEntries(measures) },
    null,
    2,
  );
}

function entry(measure: Measure): object {
  const { name: _, ...rest } = measure;
  return { ...rest, ok: keepsFloor(measure) };
}
