/** Makes `import('@tensorflow/tfjs-node')` work from a project. */
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineError } from './engine-error.mjs';
import { pins } from './engine-folder.mjs';

const name = '@tensorflow/tfjs-node';

/** Returns a line that says what was done. */
export function linkEngine(engine, project) {
  if (!existsSync(project)) throw new EngineError(`${project}: no such folder to link the engine into.`);
  const installed = findPackage(name, project);
  if (installed === undefined) return addPackage(engine, project);
  return completePackage(engine, installed);
}

/** The package manager installed it without its install script: only the binary parts are missing. */
function completePackage(engine, installed) {
  const { version } = readManifest(installed);
  if (version !== pins[name]) {
    throw new EngineError(`${installed} is ${version}, expected ${pins[name]}. Install that version.`);
  }
  linkBinaries(engine, installed);
  return `Completed ${installed}`;
}

/**
 * A copy of the package's JavaScript and not a link to it: Node resolves a link's imports from the
 * engine's folder, where they find a second TensorFlow.js that registers every kernel again.
 */
function addPackage(engine, project) {
  const target = join(project, 'node_modules', name);
  for (const part of ['package.json', 'dist']) {
    cpSync(join(engine.packageFolder, part), join(target, part), { recursive: true });
  }
  for (const dependency of Object.keys(readManifest(target).dependencies)) {
    if (dependency === '@tensorflow/tfjs' && findPackage(dependency, project) !== undefined) continue;
    replaceLink(join(engine.folder, 'node_modules', dependency), join(target, 'node_modules', dependency));
  }
  linkBinaries(engine, target);
  return `Added ${target}`;
}

function linkBinaries(engine, packageFolder) {
  for (const part of ['deps', 'lib']) {
    replaceLink(join(engine.packageFolder, part), join(packageFolder, part));
  }
}

function replaceLink(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  const existing = lstatSync(path, { throwIfNoEntry: false });
  if (existing !== undefined && !existing.isSymbolicLink()) {
    throw new EngineError(
      `${path} exists and is not a link: this package has its own binaries. Nothing to do.`,
    );
  }
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

function findPackage(packageName, project) {
  try {
    return dirname(createRequire(join(project, 'package.json')).resolve(`${packageName}/package.json`));
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
