import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Copies the files of a workspace that git tracks or would track, into a repository of its own. */
export function copyWorkspace(root: string, target: string): void {
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', args, {
      cwd,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const paths = git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0');
  for (const path of new Set(paths)) {
    if (path === '' || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    copyFileSync(join(root, path), join(target, path));
  }
  git(target, 'init', '--quiet');
}
