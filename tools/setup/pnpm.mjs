/**
 * Starts the workspace's own pnpm through npx, so that a machine with nothing but Node and npm can
 * run everything. Programs started this way find the same pnpm on PATH; nx needs that.
 */
import { spawnSync } from 'node:child_process';
import { SetupError } from './setup-error.mjs';
import { pnpmSpec, root } from './workspace.mjs';

/** Runs pnpm in the workspace's root and returns its exit code. */
export function pnpm(args, { stdio = 'inherit', env = {} } = {}) {
  const onWindows = process.platform === 'win32';
  const result = spawnSync('npx', ['-y', pnpmSpec, ...args], {
    cwd: root,
    stdio,
    env: { ...process.env, ...env },
    shell: onWindows,
  });
  if (result.error?.code === 'ENOENT') {
    throw new SetupError('npx was not found on PATH. It comes with Node: reinstall Node with npm.');
  }
  if (result.error) throw result.error;
  return result.status ?? 1;
}
