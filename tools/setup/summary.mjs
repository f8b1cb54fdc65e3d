/**
 * Sums up what the test runners wrote. The format: every JSON file in a project's `test-results/`
 * holds `{ "passed": n, "failed": n, "skipped": n }`; more keys are allowed and ignored.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Adds up one project's result files; `problem` says why there is nothing to add up. */
export function readResults({ path, directory }) {
  const folder = join(directory, 'test-results');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  if (files.length === 0) return { path, ...counts, problem: 'no result was written' };
  for (const file of files) {
    let read;
    try {
      read = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    } catch (error) {
      return { path, ...counts, problem: `${file} is not JSON: ${error.message}` };
    }
    for (const key of Object.keys(counts)) {
      if (!Number.isInteger(read[key]) || read[key] < 0) {
        return { path, ...counts, problem: `${file}: "${key}" is not a count` };
      }
      counts[key] += read[key];
    }
  }
  if (counts.passed + counts.failed + counts.skipped === 0)
    return { path, ...counts, problem: 'no test ran' };
  return { path, ...counts };
}

/** A project without a usable result counts as one failure. */
export function totals(results) {
  const sum = (count) => results.reduce((total, result) => total + count(result), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed, problem }) => failed + (problem === undefined ? 0 : 1)),
    skipped: sum(({ skipped }) => skipped),
  };
}

/** The table of projects, the stages that failed, and the closing line. */
export function formatSummary(results, failedStages) {
  const width = Math.max(0, ...results.map(({ path }) => path.length));
  const line = ({ path, passed, failed, skipped, problem }) =>
    `  ${path.padEnd(width)} ` +
    [`${passed} passed`, `${failed} failed`, `${skipped} skipped`].map((text) => text.padStart(15)).join('') +
    (problem === undefined ? '' : `   ${problem}`);
  const { passed, failed, skipped } = totals(results);
  return [
    '',
    ...results.map(line),
    ...failedStages.map((stage) => `\n${stage} failed: see above`),
    '',
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `${passed} passed, ${failed} failed`,
  ].join('\n');
}
