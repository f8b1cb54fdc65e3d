import { FLOOR, ratio, type Share } from './compare-backends.js';
import type { ConformanceReport } from './conformance-report.js';
import { exclusionName, type BackendVerdict, type SpecCounts } from './judge-backend.js';

/** The report as a person reads it: counts, share, exclusions with reasons, verdict. */
export function formatText({ verdicts, comparison, problems }: ConformanceReport): string {
  const lines = [row(['', 'passed', 'excluded', 'failed', 'pending', 'seconds'])];
  for (const { backend, all, backendDependent, seconds } of verdicts) {
    lines.push(row([backend, ...counts(all), seconds.toFixed(1)]));
    lines.push(row(['  run on the backend', ...counts(backendDependent)]));
  }

  if (comparison !== undefined) {
    const { all, backendDependent, missing } = comparison;
    lines.push('', `Pass on cpu and on onnxruntime too (floor ${percent(FLOOR)}):`);
    lines.push(`  of all specs                 ${shareText(all)}`);
    lines.push(`  of those run on a backend    ${shareText(backendDependent)}`);
    if (missing.length > 0) {
      lines.push(`  not made for onnxruntime, and counted as not passing:`);
      lines.push(...missing.map((name) => `    ${name}`));
    }
  }

  for (const verdict of verdicts) lines.push(...exclusionLines(verdict));
  lines.push('', problems.length === 0 ? 'OK' : 'NOT OK');
  lines.push(...problems.map((problem) => `  ${problem}`));
  return lines.join('\n');
}

function exclusionLines({ backend, usedExclusions }: BackendVerdict): string[] {
  if (usedExclusions.length === 0) return [];
  return [
    '',
    `Excluded on ${backend}:`,
    ...usedExclusions.map(
      ({ exclusion, specs }) => `  ${exclusionName(exclusion)}  [${specs.length}]  ${exclusion.reason}`,
    ),
  ];
}

function counts({ passed, excluded, failed, pending }: SpecCounts): string[] {
  return [passed, excluded, failed, pending].map(String);
}

function row([label = '', ...cells]: readonly string[]): string {
  return label.padEnd(22) + cells.map((cell) => cell.padStart(10)).join('');
}

function shareText(share: Share): string {
  return `${share.passed} of ${share.of}, ${percent(ratio(share))}`;
}

function percent(part: number): string {
  // Rounded down: 96.999 % is not 97 %.
  return `${Math.floor(part * 10_000) / 100} %`;
}
