/** Runs a program in the foreground, as a shell does. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Waits for the program, whatever comes, and returns its exit code. Signals are passed on: they may have been
 * sent to this process alone, and the program knows what to do with them.
 */
export function runProcess(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    // For good: npm passes Ctrl-C on as well, and what comes late must not hide how the program ended.
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
