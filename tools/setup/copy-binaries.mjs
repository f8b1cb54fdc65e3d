/**
 * The `prepack` script of packages/onnxruntime-binaries/*: copies the package's binaries (`files` of its package.json,
 * for the platform in `publishConfig`) from onnxruntime-node, whose tarball has those of all platforms.
 *
 * In a package's folder: `node copy-binaries.mjs [destination]`; the destination defaults to the folder itself.
 */
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { SetupError } from './setup-error.mjs';

const SOURCE = 'onnxruntime-node';

function copyBinaries(destination) {
  const { name, files, publishConfig, devDependencies } = readManifest('package.json');
  const source = findSource(name, devDependencies[SOURCE]);
  const [platform, arch] = [publishConfig.os[0], publishConfig.cpu[0]];
  for (const file of files.filter((name) => name !== 'CHANGELOG.md')) {
    const path = join('bin', 'napi-v6', platform, arch, file);
    if (!existsSync(join(source, path))) {
      throw new SetupError(
        `${name}: ${SOURCE} has no ${path}, which "files" in package.json names. ` +
          'Name the files that ONNX Runtime loads in this version.',
      );
    }
    copyFileSync(join(source, path), join(destination, file));
  }
}

/** Finds the folder of the expected version. */
function findSource(name, expected) {
  let manifest;
  try {
    manifest = createRequire(resolve('package.json')).resolve(`${SOURCE}/package.json`);
  } catch {
    throw new SetupError(`${name}: ${SOURCE} ${expected} is not installed. Run: npm run setup`);
  }
  const { version } = readManifest(manifest);
  if (version === expected) return dirname(manifest);
  throw new SetupError(`${name}: found ${SOURCE} ${version}, expected ${expected}. Run: npm run setup`);
}

function readManifest(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

try {
  copyBinaries(process.argv[2] ?? '.');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
