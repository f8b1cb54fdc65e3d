/**
 * Checks the built package in the current folder: packs it as it would be published, compares the tarball's files with
 * those that it should have, lets publint and "are the types wrong" judge it, and loads both builds in plain Node, unless
 * it is a command. A package for one platform holds binaries, and has checks of its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaryProblems } from './check-binaries.mjs';
import { listedFiles, packedFiles, tarballProblems } from './package-files.mjs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const { name } = manifest;
const isBinary = manifest.publishConfig.os !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'package-check-'));
try {
  process.exitCode = check() ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check() {
  if (!run('pnpm', ['pack', '--pack-destination', folder], ['ignore', 'ignore', 'inherit'])) return false;
  const tarball = join(folder, readdirSync(folder)[0]);
  return isBinary ? checkBinaries(tarball) : checkLibrary(tarball);
}

function checkBinaries(tarball) {
  const problems = binaryProblems(tarball, folder, manifest);
  for (const problem of problems) console.error(problem);
  return problems.length === 0;
}

function checkLibrary(tarball) {
  return checkTarball(tarball) && (manifest.exports['.'] === undefined || loads());
}

/** A package finds itself by name, through its exports map. */
function loads() {
  return (
    run('node', ['--input-type=module', '--eval', `await import('${name}')`]) &&
    run('node', ['--input-type=commonjs', '--eval', `require('${name}')`])
  );
}

function checkTarball(tarball) {
  return (
    checkFiles(tarball) &&
    run('publint', [tarball, '--strict']) &&
    run('attw', [tarball, '--profile', 'node16', '--exclude-entrypoints', './package.json'])
  );
}

function checkFiles(tarball) {
  const problems = tarballProblems(manifest, listedFiles('.', manifest), packedFiles(tarball));
  for (const problem of problems) console.error(`${name}: ${problem}`);
  return problems.length === 0;
}

function run(command, args, stdio = 'inherit') {
  const shell = process.platform === 'win32' && command !== 'node';
  const { status } = spawnSync(command, args, { stdio, shell });
  if (status !== 0) console.error(`${name}: ${command} ${args[0]} failed`);
  return status === 0;
}
