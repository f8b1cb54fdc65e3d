import { root } from '@transfusion/setup/workspace';
import { run } from './run-command.js';

/** Runs git in this repository and returns what it prints. @throws SetupError if it fails */
export function git(...args: string[]): string {
  return run('git', args, { cwd: root }).trim();
}

/** Returns true if there is a repository to push to. */
export function hasOrigin(): boolean {
  return git('remote').split('\n').includes('origin');
}
