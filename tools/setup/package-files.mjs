/** The files of a package: those that its package.json points to, and those that its tarball holds. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, posix, relative, sep } from 'node:path';

/** Tests, what only they need, and a compiler's notes; but templates of projects come with their tests. */
const NOT_FOR_USERS =
  /^(?!templates\/)(?:.*\.test\.[cm]?tsx?$|(?:.*\/)?(?:golden|testing-internals)\/|.*\.tsbuildinfo$)/;

/** Returns true for a package of ONNX Runtime's binaries: they fit only the version that the code was written for. */
export function isBinaryPackage(name) {
  return name.startsWith('@transfusion/onnxruntime-');
}

/** Returns the files that package.json points to: entry points, their types and sources, commands. */
export function declaredFiles(manifest) {
  const { main, module, types, bin, exports, imports } = manifest;
  const inPackage = strings({ exports, imports }).filter((path) => path.startsWith('./'));
  return [...new Set([...strings({ main, module, types, bin }), ...inPackage].map(posix.normalize))];
}

function strings(value) {
  return typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(strings);
}

/** Returns the files in a package's folder that `files` of its package.json lists; what it excludes (`!`) included. */
export function listedFiles(folder, { files }) {
  return files
    .filter((entry) => !entry.startsWith('!') && existsSync(join(folder, entry)))
    .flatMap((entry) => (statSync(join(folder, entry)).isDirectory() ? filesIn(folder, entry) : [entry]));
}

function filesIn(folder, entry) {
  return readdirSync(join(folder, entry), { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile())
    .map((found) => relative(folder, join(found.parentPath, found.name)).split(sep).join('/'));
}

/**
 * Returns what is wrong with the files in a tarball.
 *
 * @param listed the files that `files` in package.json lists
 * @param packed the files in the tarball
 */
export function tarballProblems(manifest, listed, packed) {
  const expected = new Set([
    ...['package.json', 'README.md', 'LICENSE'],
    ...declaredFiles(manifest),
    ...listed.filter((path) => !NOT_FOR_USERS.test(path)),
  ]);
  return [
    ...[...expected]
      .filter((path) => !packed.includes(path))
      .map(
        (path) =>
          `its tarball lacks ${path}, expected it there. Correct "files" in package.json, or build it.`,
      ),
    ...packed
      .filter((path) => !expected.has(path))
      .map(
        (path) => `its tarball holds ${path}, which is not for users. Exclude it in "files" of package.json.`,
      ),
  ];
}

/** Lists the files in a tarball, relative to the package. */
export function packedFiles(tarball) {
  return runTar(tarball, ['-tzf', basename(tarball)])
    .split(/\r?\n/)
    .filter((path) => path !== '')
    .map((path) => path.slice('package/'.length));
}

/** Reads a text file out of a tarball. */
export function packedText(tarball, path) {
  return runTar(tarball, ['-xOzf', basename(tarball), `package/${path}`]);
}

function runTar(tarball, args) {
  const { status, stdout, stderr, error } = spawnSync('tar', args, {
    cwd: dirname(tarball),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${tarball} cannot be read: ${error?.message ?? stderr}`);
  return stdout;
}
