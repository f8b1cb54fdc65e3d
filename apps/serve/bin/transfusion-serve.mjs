#!/usr/bin/env node
/**
 * Starts the server: its build, or in the repository its source, with the TypeScript loader and the workspace's export
 * condition, which only a process of its own can have. Its page is built before, if need be.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
if (!existsSync(source)) await import('../dist/cli.js');
else if (buildPage() !== 0) process.exitCode = 1;
else {
  const loader = ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx')];
  const child = spawn(process.execPath, [...loader, source, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

/** Returns the exit status; what it prints goes to stderr, since stdout has only addresses. */
function buildPage() {
  const folder = dirname(createRequire(import.meta.url).resolve('@transfusion/page/package.json'));
  return spawnSync(process.execPath, [join(folder, 'build-page.mjs')], { stdio: ['ignore', 2, 2] }).status;
}
