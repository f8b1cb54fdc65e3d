import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatSummary, readResults, totals } from './summary.mjs';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'summary-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function project(files: Record<string, string>): { path: string; directory: string } {
  mkdirSync(join(directory, 'test-results'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, 'test-results', name), text);
  }
  return { path: 'packages/a', directory };
}

describe('readResults', () => {
  test('adds up a project’s files and ignores further keys', () => {
    const files = {
      'vitest.json': '{ "passed": 3, "failed": 1, "skipped": 0 }',
      'suite.json': '{ "passed": 10, "failed": 0, "skipped": 2, "backend": "cpu" }',
    };
    expect(readResults(project(files))).toEqual({ path: 'packages/a', passed: 13, failed: 1, skipped: 2 });
  });

  test.each([
    ['no file', {}, 'no result was written'],
    ['an empty run', { 'a.json': '{ "passed": 0, "failed": 0, "skipped": 0 }' }, 'no test ran'],
    ['a missing count', { 'a.json': '{ "passed": 1, "failed": 0 }' }, 'a.json: "skipped" is not a count'],
    ['a cut-off file', { 'a.json': '{ "passed": 1,' }, 'a.json is not JSON'],
  ])('names the problem with %s', (_case, files: Record<string, string>, problem) => {
    expect(readResults(project(files))).toMatchObject({ problem: expect.stringContaining(problem) });
  });
});

describe('totals and formatSummary', () => {
  const good = { path: 'packages/a', passed: 5, failed: 0, skipped: 0 };

  test('ends in the closing line alone', () => {
    const summary = formatSummary([good], []);
    expect(summary.split('\n').at(-1)).toBe('5 passed, 0 failed');
  });

  test('names skipped tests and failed stages', () => {
    const lines = formatSummary([{ ...good, skipped: 2 }], ['checks']).split('\n');
    expect(lines.slice(-2)).toEqual(['2 skipped', '5 passed, 0 failed']);
    expect(lines).toContain('checks failed: see above');
  });

  test('a project without a result is a failure', () => {
    const missing = {
      path: 'tools/b',
      passed: 0,
      failed: 0,
      skipped: 0,
      problem: 'no result was written',
    };
    expect(totals([good, missing])).toEqual({ passed: 5, failed: 1, skipped: 0 });
    expect(formatSummary([good, missing], [])).toMatch(
      /tools\/b .*no result was written\n\n5 passed, 1 failed$/,
    );
  });
});
