import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Starts one of the programs beside this file in a process of its own: from the source, with the loader that this process
 * has, or from the build.
 *
 * @param options its one argument, as JSON
 */
export function forkProgram(name: 'model-process' | 'export-process', options: unknown): ChildProcess {
  const source = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const [file, execArgv] = existsSync(source)
    ? [source, ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx')]]
    : [fileURLToPath(new URL(`${name}.js`, import.meta.url)), []];
  return fork(file, [JSON.stringify(options)], {
    serialization: 'advanced',
    execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}
