import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ConformanceReport } from './conformance-report.js';
import { packageDirectory } from './package-directory.js';

/** Writes the counts of all backends together, as each package's test run does. */
export function writeResults({ verdicts }: ConformanceReport, path: string): void {
  const results = { passed: 0, failed: 0, skipped: 0 };
  for (const { all } of verdicts) {
    results.passed += all.passed;
    results.failed += all.failed;
    results.skipped += all.excluded + all.pending;
  }
  const file = resolve(packageDirectory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
