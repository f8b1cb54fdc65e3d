/**
 * The entrance for a machine with only Node and npm: `node tools/setup/run.mjs [command] [arguments]`.
 * Installs what is missing, then runs the command; without a command it only installs.
 */
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { pnpm } from './pnpm.mjs';
import { runProcess } from './run-process.mjs';
import { SetupError } from './setup-error.mjs';
import { root, rootManifest } from './workspace.mjs';

const transfusion = join(root, 'apps', 'train', 'bin', 'transfusion.mjs');
const server = join(root, 'apps', 'serve', 'bin', 'transfusion-serve.mjs');

const commands = {
  demo: start('@transfusion/demo'),
  'engine-demo': start('@transfusion/engine-demo'),
  // In the root, so that paths mean what the caller sees. Not through pnpm, which ends itself at Ctrl-C, and
  // leaves the command alone with the saving of its run.
  transfusion: (args) => runProcess(process.execPath, [transfusion, ...args], { cwd: root }),
  // The shipped model, unless others are named.
  serve: (args) => runProcess(process.execPath, [server, ...args], { cwd: root }),
  bench: start('@transfusion/bench'),
  conformance: start('@transfusion/conformance'),
  fuzz: start('@transfusion/fuzz'),
  experiments: start('@transfusion/experiments'),
  screenshots: (args) =>
    pnpm([
      '--silent',
      '--fail-if-no-match',
      '--filter',
      '@transfusion/page-checks',
      'run',
      'screenshots',
      ...args,
    ]),
  test: () => testAll('test'),
  'test:system': () => testAll('test:system'),
  'test:all': () => testAll('test', 'test:system'),
  release: start('@transfusion/release'),
  nx: (args) => pnpm(['exec', 'nx', ...args]),
  // The install scripts that the workspace leaves out: they download CUDA and libtensorflow.
  gpu: () =>
    pnpm(
      [
        '-r',
        '--config.dangerouslyAllowAllBuilds=true',
        'rebuild',
        'onnxruntime-node',
        '@tensorflow/tfjs-node-gpu',
      ],
      { env: { ONNXRUNTIME_NODE_INSTALL: 'cuda12' } },
    ),
};

function testAll(...suites) {
  return pnpm(['--silent', 'exec', 'node', 'tools/setup/test-all.mjs', ...suites]);
}

/** Runs a project's `start`; its stdout is the command's, with nothing added. */
function start(project) {
  return (args) => pnpm(['--silent', '--fail-if-no-match', '--filter', project, 'run', 'start', ...args]);
}

function requireNode(wanted) {
  const [major, minor] = wanted.match(/\d+/g).map(Number);
  const [actualMajor, actualMinor] = process.versions.node.split('.').map(Number);
  if (actualMajor < major || (actualMajor === major && actualMinor < minor)) {
    throw new SetupError(`Node ${wanted} is needed, this is ${process.version}. Install a newer one.`);
  }
}

async function main([command, ...args]) {
  requireNode(rootManifest.engines.node);
  if (command !== undefined && !Object.hasOwn(commands, command)) {
    throw new SetupError(
      `Unknown command '${command}', expected one of: ${Object.keys(commands).join(', ')}.`,
    );
  }
  await ensureInstalled();
  return command === undefined ? 0 : commands[command](args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = error.exitCode;
}
