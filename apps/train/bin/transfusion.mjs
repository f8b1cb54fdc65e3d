#!/usr/bin/env node
/**
 * Starts the command: its build, or in the repository its source, with the TypeScript loader and the workspace's export
 * condition. A process beside the command's is also the only one that can hear the second Ctrl-C at once: the engine
 * computes in the command's main thread, and a step may take minutes. The channel between the two lets the command
 * hear when this process is killed (`src/end-with-launcher.ts`).
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/** As in `src/commands/run/interrupt.ts`, which says why. */
const ONE_REQUEST_MS = 1000;

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const source = path('../src/cli.ts');
const program = existsSync(source)
  ? ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx'), source]
  : [path('../dist/cli.js')];
const child = spawn(process.execPath, [...program, ...process.argv.slice(2)], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});

let requestedAt;
let killedFor;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the child as well, anybody else may know only this process.
    child.kill(signal);
    requestedAt ??= performance.now();
    if (performance.now() - requestedAt < ONE_REQUEST_MS) return;
    killedFor = signal;
    child.kill('SIGKILL');
  });
}
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[killedFor ?? signal];
});
