#!/usr/bin/env node
/** Starts the command from its source: Node with the TypeScript loader and the workspace's export condition. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const loader = import.meta.resolve('tsx');
const child = spawn(
  process.execPath,
  ['--conditions=@transfusion/source', '--import', loader, cli, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
// A terminal sends Ctrl-C to the child as well, which decides when to end; anybody else only to this one.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
