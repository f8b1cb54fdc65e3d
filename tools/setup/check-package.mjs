/**
 * Packs the package in the current folder as it would be published, and lets publint and
 * "are the types wrong" judge the tarball.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'package-check-'));
try {
  run('pnpm', ['--silent', 'pack', '--pack-destination', folder]);
  const tarball = join(folder, readdirSync(folder)[0]);
  run('publint', [tarball, '--strict']);
  run('attw', [tarball, '--profile', 'node16', '--exclude-entrypoints', './package.json']);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args) {
  if (process.exitCode) return;
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  process.exitCode = status ?? 1;
}
