/**
 * Builds @tensorflow/tfjs-node without its installer: the addon is compiled from the sources in the npm
 * package, against the libtensorflow and C headers in PyPI's tensorflow-cpu wheel.
 *
 *     node tools/tensorflow-engine/build.mjs [folder] [--link <project>]...
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EngineError, runMain } from './engine-error.mjs';
import { defaultFolder, engineLayout, pins, requirementsFile } from './engine-folder.mjs';
import { linkEngine } from './link-engine.mjs';
import { checkPrerequisites, compiler, python } from './prerequisites.mjs';

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { link: { type: 'string', multiple: true, default: [] } },
  });
  const engine = engineLayout(resolve(positionals[0] ?? defaultFolder));

  claimFolder(engine.folder);
  const steps = [
    { name: 'npm packages', product: engine.binding, make: installPackages },
    { name: 'libtensorflow', product: engine.libraries, make: extractLibtensorflow },
    { name: 'addon', product: engine.addon, make: compileAddon },
  ].filter(({ product }) => !existsSync(product));
  if (steps.length > 0) checkPrerequisites();
  for (const { name, make } of steps) {
    console.log(`${name} ...`);
    make(engine);
  }
  for (const project of values.link) console.log(linkEngine(engine, resolve(project)));

  const command = (script, ...args) => {
    const path = relative(process.cwd(), join(import.meta.dirname, script));
    return ['node', path, ...positionals, ...args].join(' ');
  };
  console.log(
    `\nThe engine is in ${engine.packageFolder}\n` +
      `To check it:                 ${command('check.mjs')}\n` +
      `To import it from a project: ${command('build.mjs', '--link', '<project>')}`,
  );
}

/** Empties a folder that holds other versions, and refuses one that holds something else. */
function claimFolder(folder) {
  const claim = join(folder, 'package.json');
  const wanted = `${JSON.stringify({ name: 'tensorflow-engine', private: true, engine: pins }, null, 2)}\n`;
  if (existsSync(claim)) {
    const { name, engine } = JSON.parse(readFileSync(claim, 'utf8'));
    if (name !== 'tensorflow-engine') throw notOurs(folder);
    if (JSON.stringify(engine) === JSON.stringify(pins)) return;
    rmSync(folder, { recursive: true });
  } else if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw notOurs(folder);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(claim, wanted);
}

function notOurs(folder) {
  return new EngineError(`${folder} holds something else. Name a new or empty folder.`);
}

function installPackages({ folder }) {
  const packages = ['@tensorflow/tfjs-node', 'node-api-headers'].map((name) => `${name}@${pins[name]}`);
  run('npm', [
    'install',
    '--prefix',
    folder,
    '--ignore-scripts',
    '--save-exact',
    '--no-package-lock',
    ...packages,
  ]);
}

function extractLibtensorflow({ folder, include, libraries }) {
  const staging = join(folder, 'staging');
  rmSync(staging, { recursive: true, force: true });
  rmSync(include, { recursive: true, force: true });
  mkdirSync(dirname(include), { recursive: true });

  // The wheel is for any Python's pip to fetch: only its C library is used.
  const target = [
    '--python-version',
    '3.11',
    '--implementation',
    'cp',
    '--platform',
    'manylinux_2_17_x86_64',
  ];
  const download = [
    '--no-deps',
    '--only-binary=:all:',
    ...target,
    '--require-hashes',
    '-r',
    requirementsFile,
  ];
  run(python, ['-m', 'pip', 'download', '--disable-pip-version-check', '--dest', staging, ...download]);
  const wheel = readdirSync(staging).find((name) => name.endsWith('.whl'));
  run(python, [join(import.meta.dirname, 'extract-wheel.py'), join(staging, wheel), staging]);

  const lib = join(staging, 'lib');
  mkdirSync(lib);
  for (const [library, linkerName] of [
    ['libtensorflow_cc.so.2', 'libtensorflow.so'],
    ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
  ]) {
    renameSync(join(staging, 'tensorflow', library), join(lib, library));
    symlinkSync(library, join(lib, linkerName));
  }
  renameSync(join(staging, 'tensorflow/include'), include);
  // Last: this folder's presence says that the step is complete.
  renameSync(lib, libraries);
  rmSync(staging, { recursive: true });
}

/**
 * Does what binding.gyp says, without node-gyp: the addon uses Node-API only, whose headers are an npm
 * package, so that Node's own headers need not be downloaded.
 */
function compileAddon({ apiHeaders, binding, include, libraries, addon }) {
  mkdirSync(dirname(addon), { recursive: true });
  const partial = `${addon}.partial`;
  run(compiler, [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8'],
    ...[`-I${apiHeaders}`, `-I${include}`],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(binding, file)),
    ...[`-L${libraries}`, '-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
    ...['-o', partial],
  ]);
  renameSync(partial, addon);
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  throw new EngineError(
    `\nThis command failed (${error?.message ?? `exit code ${status}`}):\n  ${program} ${args.join(' ')}\n` +
      `If a package could not be fetched, check the registry settings of npm and pip.`,
  );
}

await runMain(main);
