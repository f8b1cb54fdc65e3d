import { spawnSync } from 'node:child_process';
import { SetupError } from '@transfusion/setup/setup-error';

/** Circumstances of a command. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Shows its output at once, and lets it ask. Otherwise the output is shown if it fails. */
  readonly interactive?: boolean;
}

/** Runs a command and returns its standard output, if it is not interactive. @throws SetupError if it fails */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env, interactive }: CommandOptions,
): string {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    // Loaders of TypeScript put the packages of this checkout there.
    env: { ...process.env, NODE_PATH: undefined, ...env },
    stdio: interactive ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32' && command !== 'git',
  });
  if (status === 0) return stdout ?? '';
  if (!interactive) console.error(`${stdout ?? ''}${stderr ?? ''}`);
  const reason = error?.message ?? (signal === null ? `exit code ${String(status)}` : `ended by ${signal}`);
  throw new SetupError(`${command} ${args.join(' ')}: ${reason}`);
}
