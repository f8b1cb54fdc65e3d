import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { declaredFiles, listedFiles, packedFiles, packedText, tarballProblems } from './package-files.mjs';

const manifest = {
  main: './dist/index.cjs',
  bin: { a: './bin/a.mjs' },
  exports: {
    '.': { import: { types: './dist/index.d.ts', default: './dist/index.js' }, require: './dist/index.cjs' },
  },
  imports: { '#a': { source: '@scope/a', default: './src/a.ts' } },
  files: ['dist', 'bin', 'src', 'weights', 'CHANGELOG.md', '!src/**/*.test.ts'],
};
const build = ['dist/index.cjs', 'dist/index.d.ts', 'dist/index.js', 'dist/chunk-A1.js', 'dist/index.js.map'];
const users = [...build, 'bin/a.mjs', 'src/a.ts', 'weights/model.json', 'CHANGELOG.md'];
const always = ['package.json', 'README.md', 'LICENSE'];

test('entry points, types, sources and commands are declared, packages are not', () => {
  expect(declaredFiles(manifest).sort()).toEqual(
    ['bin/a.mjs', 'dist/index.cjs', 'dist/index.d.ts', 'dist/index.js', 'src/a.ts'].sort(),
  );
  expect(declaredFiles({ main: 'a.node' })).toEqual(['a.node']);
});

describe('a tarball', () => {
  const forTests = [
    'src/a.test.ts',
    'src/deep/golden/a.json',
    'src/testing-internals/a.ts',
    'dist/tsconfig.tsbuildinfo',
  ];

  test('holds what is listed, without tests', () => {
    expect(tarballProblems(manifest, [...users, ...forTests], [...users, ...always])).toEqual([]);
  });

  test.each([...users, ...always])('must not lack %s', (path) => {
    const packed = [...users, ...always].filter((file) => file !== path);
    expect(tarballProblems(manifest, users, packed)).toEqual([expect.stringContaining(`lacks ${path},`)]);
  });

  test.each([...forTests, 'tsup.config.ts'])('must not hold %s', (path) => {
    expect(tarballProblems(manifest, [...users, ...forTests], [...users, ...always, path])).toEqual([
      expect.stringContaining(`holds ${path},`),
    ]);
  });

  test('holds the tests of templates, which come with the projects', () => {
    const templates = [...users, 'templates/plugin/src/a.test.ts'];
    expect(tarballProblems(manifest, templates, [...templates, ...always])).toEqual([]);
    expect(tarballProblems(manifest, templates, [...users, ...always])).toEqual([
      expect.stringContaining('lacks templates/plugin/src/a.test.ts,'),
    ]);
  });

  test('of a package that is not built lacks the build', () => {
    expect(tarballProblems(manifest, ['src/a.ts'], [...always, 'src/a.ts']).join()).toContain(
      'lacks dist/index.js,',
    );
  });
});

describe('files', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'package-files-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (...paths: string[]): void => {
    for (const path of paths) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), path);
    }
  };

  test('that package.json lists are found in folders and by name', () => {
    write('src/a.ts', 'src/deep/a.test.ts', 'CHANGELOG.md', 'vitest.config.ts');
    expect(listedFiles(folder, manifest).sort()).toEqual(['CHANGELOG.md', 'src/a.ts', 'src/deep/a.test.ts']);
  });

  test('in a tarball are listed and read', () => {
    write('package/package.json', 'package/src/a.ts');
    execFileSync('tar', ['-czf', 'a.tgz', 'package/package.json', 'package/src/a.ts'], { cwd: folder });
    const tarball = join(folder, 'a.tgz');
    expect(packedFiles(tarball)).toEqual(['package.json', 'src/a.ts']);
    expect(packedText(tarball, 'src/a.ts')).toBe('package/src/a.ts');
    expect(() => packedFiles(join(folder, 'b.tgz'))).toThrow('b.tgz cannot be read');
  });
});
