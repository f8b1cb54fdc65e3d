/**
 * Starts the workspace's own pnpm through npx, so that a machine with nothing but Node and npm can
 * run everything. Programs started this way find the same pnpm on PATH; nx needs that.
 */
import { runProcess } from './run-process.mjs';
import { SetupError } from './setup-error.mjs';
import { pnpmSpec, root } from './workspace.mjs';

/** Runs pnpm in the workspace's root and returns its exit code. */
export async function pnpm(args, { stdio = 'inherit', env = {} } = {}) {
  const onWindows = process.platform === 'win32';
  try {
    return await runProcess('npx', ['-y', pnpmSpec, ...args], {
      cwd: root,
      stdio,
      env: { ...process.env, ...env },
      shell: onWindows,
    });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new SetupError('npx was not found on PATH. It comes with Node: reinstall Node with npm.');
  }
}
