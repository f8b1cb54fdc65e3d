import { expect, test } from 'vitest';
import { parseOptions } from './release-options.js';

test('a release runs all tests; a dry run may leave them out', () => {
  expect(parseOptions(['--check'])).toBe('check');
  expect(parseOptions([])).toEqual({ dryRun: false, tests: true });
  expect(parseOptions(['--dry-run'])).toEqual({ dryRun: true, tests: true });
  expect(parseOptions(['--dry-run', '--no-tests'])).toEqual({ dryRun: true, tests: false });
  expect(() => parseOptions(['--no-tests'])).toThrow('--no-tests is for --dry-run');
});

test.each(['--dry', 'now', '--dry-run=yes', '--check --dry-run'])('refuses %s', (args) => {
  expect(() => parseOptions(args.split(' '))).toThrow(
    `found the arguments '${args}', expected none, --check, --dry-run`,
  );
});
