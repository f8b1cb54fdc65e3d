#!/usr/bin/env node
/**
 * Starts the server: its build, or in the repository its source, with the TypeScript loader and the workspace's export
 * condition, which only a process of its own can have. Its page is built before, if need be.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
if (existsSync(source)) {
  const { buildPage } = await import('../../../packages/page/build-page.mjs');
  await buildPage();
  const loader = ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx')];
  const child = spawn(process.execPath, [...loader, source, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
} else await import('../dist/cli.js');
