/**
 * Installs the workspace's dependencies if anything that decides them has changed since the last
 * installation that succeeded.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm } from './pnpm.mjs';
import { SetupError } from './setup-error.mjs';
import { pnpmSpec, root, workspaceProjects } from './workspace.mjs';

const stampFile = join(root, 'node_modules', '.transfusion-setup');

export async function ensureInstalled() {
  const fingerprint = currentFingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint) return;

  console.error(`Setting up: installing dependencies with ${pnpmSpec} ...`);
  rmSync(stampFile, { force: true });
  // Its output goes to stderr: a command's stdout is its own (`--json`).
  const status = await pnpm(['install', '--frozen-lockfile', '--config.confirmModulesPurge=false'], {
    stdio: ['ignore', 2, 2],
  });
  if (status > 128) throw new SetupError('Installing the dependencies was interrupted.', status);
  if (status !== 0) {
    throw new SetupError(
      `Installing the dependencies failed (the reason is above).\n` +
        `If the lockfile is out of date, run: npx -y ${pnpmSpec} install --no-frozen-lockfile\n` +
        `If a package could not be fetched, check npm's registry setting: npm config get registry`,
    );
  }
  writeFileSync(stampFile, fingerprint);
}

function currentFingerprint() {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`);
  const manifests = workspaceProjects().map(({ path }) => `${path}/package.json`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests]) {
    hash.update(`\n${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}
