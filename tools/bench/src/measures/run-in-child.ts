import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Runs a script of this folder in a process of its own, tells it its job (JSON, the first argument), and
 * waits for the message with its result.
 */
export function runInChild<Result>(script: string, job: unknown): Promise<Result> {
  const typescriptLoader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(job)], {
    execArgv: ['--conditions=@transfusion/source', '--import', typescriptLoader],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  return new Promise((resolve, reject) => {
    let result: Result | undefined;
    child.on('message', (message) => (result = message as Result));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (result !== undefined && code === 0) resolve(result);
      else reject(new Error(`${script} ended with ${signal ?? code} and without a result`));
    });
  });
}
