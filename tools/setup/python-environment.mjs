/** Python programs with packages from PyPI, for tools that compare with them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs a program, whose output is this one's; ends this process with its exit code if it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 */
export function runOrExit(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * Returns the Python of a virtual environment with the packages of a folder's `requirements.txt`, in a cache of that folder;
 * makes it at the first run.
 *
 * @param {string} folder
 * @returns {string}
 */
export function pythonOf(folder) {
  const environment = join(folder, 'node_modules', '.cache', 'python');
  const python = join(environment, 'bin', 'python');
  if (!existsSync(python)) {
    mkdirSync(environment, { recursive: true });
    runOrExit('python3', ['-m', 'venv', environment]);
    runOrExit(python, ['-m', 'pip', 'install', '--quiet', '-r', join(folder, 'requirements.txt')]);
  }
  return python;
}
