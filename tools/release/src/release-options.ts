import { parseArgs } from 'node:util';
import { SetupError } from '@transfusion/setup/setup-error';

/** Options of a release. */
export interface ReleaseOptions {
  /** Does all but what cannot be undone. */
  readonly dryRun: boolean;
  /** Runs all checks and tests; always in a release. */
  readonly tests: boolean;
}

/**
 * Parses the command's arguments; `check` stands for the matrix of installations, without a release.
 *
 * @throws SetupError for others than `--check`, `--dry-run` and `--dry-run --no-tests`
 */
export function parseOptions(args: readonly string[]): ReleaseOptions | 'check' {
  if (args.length === 1 && args[0] === '--check') return 'check';
  const flags = parseFlags(args);
  const dryRun = flags['dry-run'] ?? false;
  const tests = !(flags['no-tests'] ?? false);
  if (!dryRun && !tests) {
    throw new SetupError('release: --no-tests is for --dry-run. A release runs all tests: leave it out.');
  }
  return { dryRun, tests };
}

function parseFlags(args: readonly string[]): { 'dry-run'?: boolean; 'no-tests'?: boolean } {
  try {
    return parseArgs({
      args: [...args],
      options: { 'dry-run': { type: 'boolean' }, 'no-tests': { type: 'boolean' } },
    }).values;
  } catch {
    throw new SetupError(
      `release: found the arguments '${args.join(' ')}', expected none, --check, --dry-run, or --dry-run --no-tests.`,
    );
  }
}
