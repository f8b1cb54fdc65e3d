import { FLOOR, ratio } from './compare-backends.js';
import type { ConformanceReport } from './conformance-report.js';
import { exclusionName } from './judge-backend.js';

/** The report for programs. */
export function formatJson({ filter, verdicts, comparison, problems }: ConformanceReport): string {
  const report = {
    ok: problems.length === 0,
    problems,
    filter,
    backends: Object.fromEntries(
      verdicts.map(({ backend, seconds, all, backendDependent, usedExclusions, failedSpecs }) => [
        backend,
        {
          ...all,
          backendDependent,
          seconds,
          exclusions: usedExclusions.map(({ exclusion, specs }) => ({
            exclusion: exclusionName(exclusion),
            reason: exclusion.reason,
            specs,
          })),
          failures: failedSpecs.map(({ name, failures }) => ({
            spec: name,
            messages: failures.map(({ message }) => message),
          })),
        },
      ]),
    ),
    share: comparison && {
      floor: FLOOR,
      all: { ...comparison.all, ratio: ratio(comparison.all) },
      backendDependent: {
        ...comparison.backendDependent,
        ratio: ratio(comparison.backendDependent),
      },
      missing: comparison.missing,
    },
  };
  return JSON.stringify(report, null, 2);
}
