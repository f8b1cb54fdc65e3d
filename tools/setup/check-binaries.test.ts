import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { binaryProblems } from './check-binaries.mjs';

const manifest = {
  name: 'binaries',
  files: ['a.node', 'b.so'],
  publishConfig: { os: ['aix'], cpu: ['ppc64'] },
};
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-binaries-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Packs empty files and a package.json. */
function pack(files: readonly string[], packed: object): string {
  mkdirSync(join(folder, 'package'));
  for (const file of files) writeFileSync(join(folder, 'package', file), '');
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify(packed));
  execFileSync('tar', ['-czf', 'packed.tgz', 'package'], { cwd: folder });
  rmSync(join(folder, 'package'), { recursive: true });
  return join(folder, 'packed.tgz');
}

test('accepts a tarball with its files, for its platform', () => {
  const tarball = pack(['a.node', 'b.so', 'README.md', 'LICENSE'], manifest.publishConfig);
  expect(binaryProblems(tarball, folder, manifest)).toEqual([]);
});

test('refuses other files, another platform and an install script', () => {
  const packed = { os: ['aix'], libc: ['glibc'], scripts: { postinstall: 'node download.js' } };
  const tarball = pack(['a.node', 'c.so', 'README.md', 'LICENSE'], packed);
  expect(binaryProblems(tarball, folder, manifest)).toEqual([
    'binaries: holds LICENSE,README.md,a.node,c.so,package.json, expected LICENSE,README.md,a.node,b.so,package.json',
    'binaries: cpu is undefined, expected ppc64',
    'binaries: libc is glibc, expected undefined',
    "binaries: has the install script 'postinstall', expected none",
  ]);
});

test('loads the binaries of this platform', () => {
  const platform = { os: [process.platform], cpu: [process.arch] };
  const tarball = pack(['a.node', 'b.so', 'README.md', 'LICENSE'], {
    name: 'binaries',
    main: 'a.node',
    ...platform,
  });
  expect(binaryProblems(tarball, folder, { ...manifest, publishConfig: platform })).toEqual([
    expect.stringMatching(/^binaries: does not load: .*a\.node/s),
  ]);
});
