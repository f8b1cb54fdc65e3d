/** The tools that the build calls, checked before anything is downloaded. */
import { spawnSync } from 'node:child_process';
import { EngineError } from './engine-error.mjs';

export const python = process.env.PYTHON ?? 'python3';
export const compiler = process.env.CXX ?? 'g++';

const tools = [
  { command: ['npm', '--version'], advice: 'It comes with Node.' },
  {
    command: [python, '-m', 'pip', '--version'],
    advice: 'Install Python 3 with pip (Debian: apt install python3-pip), or set PYTHON.',
  },
  {
    command: [compiler, '--version'],
    advice: 'Install a C++17 compiler (Debian: apt install g++), or set CXX.',
  },
];

export function checkPrerequisites() {
  const system = `${process.platform}-${process.arch}`;
  const musl = process.report.getReport().header.glibcVersionRuntime === undefined;
  if (system !== 'linux-x64' || musl) {
    throw new EngineError(
      `The engine is built for linux-x64 with glibc, this is ${system}${musl ? ' without glibc' : ''}. ` +
        `Elsewhere try the package's own installer: npm install @tensorflow/tfjs-node`,
    );
  }
  const missing = tools.filter(({ command: [program, ...args] }) => spawnSync(program, args).status !== 0);
  if (missing.length > 0) {
    const list = missing.map(({ command, advice }) => `  \`${command.join(' ')}\` does not run. ${advice}`);
    throw new EngineError(`Something the build needs is missing:\n${list.join('\n')}`);
  }
}
