import { expect, test } from 'vitest';
import { parseOptions } from './release-options.js';

test('a release runs all tests; a dry run may leave them out', () => {
  expect(parseOptions([])).toEqual({ dryRun: false, tests: true });
  expect(parseOptions(['--dry-run'])).toEqual({ dryRun: true, tests: true });
  expect(parseOptions(['--dry-run', '--no-tests'])).toEqual({ dryRun: true, tests: false });
  expect(() => parseOptions(['--no-tests'])).toThrow('--no-tests is for --dry-run');
});

test.each([['--dry'], ['now'], ['--dry-run=yes']])('refuses %s', (arg) => {
  expect(() => parseOptions([arg])).toThrow(`found the arguments '${arg}', expected none, --dry-run`);
});
