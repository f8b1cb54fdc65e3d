/**
 * The entrance for a fresh machine: `node tools/setup/run.mjs [demo | test | gpu] [arguments]`.
 * Needs only Node and npm; installs what is missing, then runs the command. Without a command it
 * only installs.
 */
import { ensureInstalled } from './install.mjs';
import { pnpm } from './pnpm.mjs';
import { SetupError } from './setup-error.mjs';
import { rootManifest } from './workspace.mjs';

const commands = {
  demo: (args) => pnpm(['--silent', '--filter', '@transfusion/engine-demo', 'start', ...args]),
  test: () => pnpm(['--silent', 'exec', 'node', 'tools/setup/test-all.mjs']),
  // The install scripts that the workspace leaves out: they download CUDA and libtensorflow.
  gpu: () =>
    pnpm(
      [
        '--config.dangerouslyAllowAllBuilds=true',
        'rebuild',
        'onnxruntime-node',
        '@tensorflow/tfjs-node-gpu',
      ],
      { env: { ONNXRUNTIME_NODE_INSTALL: 'cuda12' } },
    ),
};

function requireNode(wanted) {
  const [major, minor] = wanted.match(/\d+/g).map(Number);
  const [actualMajor, actualMinor] = process.versions.node.split('.').map(Number);
  if (actualMajor < major || (actualMajor === major && actualMinor < minor)) {
    throw new SetupError(`Node ${wanted} is needed, this is ${process.version}. Install a newer one.`);
  }
}

function main([name, ...args]) {
  requireNode(rootManifest.engines.node);
  if (name !== undefined && !Object.hasOwn(commands, name)) {
    throw new SetupError(`Unknown command '${name}': expected ${Object.keys(commands).join(', ')}.`);
  }
  ensureInstalled();
  return name === undefined ? 0 : commands[name](args);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
