import { compareBackends, FLOOR, ratio, type Comparison } from './compare-backends.js';
import type { BackendVerdict } from './judge-backend.js';

/** The result of a run, before formatting. */
export interface ConformanceReport {
  readonly filter: string;
  readonly verdicts: readonly BackendVerdict[];
  /** Only when both backends ran. */
  readonly comparison: Comparison | undefined;
  /** The reasons why the run is not a success; empty if it is one. */
  readonly problems: readonly string[];
}

/** Draws the conclusions. The floor holds for the whole suite: a filtered run is not measured by it. */
export function concludeReport(verdicts: readonly BackendVerdict[], filter: string): ConformanceReport {
  const cpu = verdicts.find(({ backend }) => backend === 'cpu');
  const onnxruntime = verdicts.find(({ backend }) => backend === 'onnxruntime');
  const comparison = cpu && onnxruntime && compareBackends(cpu, onnxruntime);

  const problems: string[] = [];
  for (const { backend, all, specs, staleExclusions } of verdicts) {
    if (specs.length === 0) problems.push(`${backend}: no spec matches "${filter}"`);
    if (all.failed > 0) problems.push(`${backend}: ${all.failed} failed`);
    problems.push(...staleExclusions);
  }
  if (comparison !== undefined && filter === '') {
    for (const [of, share] of [
      ['all specs', comparison.all],
      ['the specs that run on a backend', comparison.backendDependent],
    ] as const) {
      if (ratio(share) < FLOOR) problems.push(`onnxruntime is below the floor for ${of}`);
    }
  }
  return { filter, verdicts, comparison, problems };
}
