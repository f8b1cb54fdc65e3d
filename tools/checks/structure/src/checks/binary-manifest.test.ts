import { describe, expect, test } from 'vitest';
import { binaryManifestProblems, isBinaryPackage, type BinaryManifest } from './binary-manifest.js';

describe('package.json of binaries', () => {
  const path = 'packages/onnxruntime-binaries/linux-x64';
  const binaries: BinaryManifest = {
    name: '@transfusion/onnxruntime-linux-x64',
    description: 'A.',
    license: 'MIT',
    main: 'a.node',
    files: ['a.node', 'b.so'],
    publishConfig: { access: 'public', os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    scripts: { prepack: 'x', 'package-check': 'x' },
    devDependencies: { 'onnxruntime-node': '1.2.3' },
    nx: { tags: ['layer:L0'] },
  };

  test('accepts binaries, which lie in a folder of their own', () => {
    expect(binaryManifestProblems(path, binaries)).toEqual([]);
    expect(isBinaryPackage(path)).toBe(true);
    expect(isBinaryPackage('packages/nn')).toBe(false);
  });

  test.each<[string, BinaryManifest, string]>([
    ['another name', { ...binaries, name: '@transfusion/linux-x64' }, 'name'],
    ['another license', { ...binaries, license: 'Apache-2.0' }, 'license'],
    [
      'no public access',
      { ...binaries, publishConfig: { ...binaries.publishConfig, access: 'x' } },
      'access',
    ],
    [
      'another system',
      { ...binaries, publishConfig: { ...binaries.publishConfig, os: ['aix'] } },
      'os is aix',
    ],
    ['several processors', { ...binaries, publishConfig: { ...binaries.publishConfig, cpu: [] } }, 'cpu is'],
    [
      'no C library',
      { ...binaries, publishConfig: { ...binaries.publishConfig, libc: undefined } },
      'libc is',
    ],
    ['a platform that pnpm sees', { ...binaries, os: ['linux'] }, 'outside of publishConfig'],
    ['a main file that is not packed', { ...binaries, main: 'c.node' }, 'main (c.node)'],
    ['a pattern', { ...binaries, files: ['a.node', '*.so'] }, 'each file by name'],
    ['a missing script', { ...binaries, scripts: { prepack: 'x' } }, "no script 'package-check'"],
    ['a dependency', { ...binaries, dependencies: { a: '1' } }, 'depends on a'],
    [
      'a range of versions',
      { ...binaries, devDependencies: { 'onnxruntime-node': '^1.2.3' } },
      'exact version',
    ],
    ['a higher layer', { ...binaries, nx: { tags: ['layer:L1'] } }, 'layer'],
  ])('refuses %s', (_case, manifest, problem) => {
    expect(binaryManifestProblems(path, manifest).join('\n')).toContain(problem);
  });
});
