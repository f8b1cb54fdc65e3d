import { expect, test } from 'vitest';
import { releaseProblems, type PackedManifest } from './release-problems.js';
import { repositoryFields } from './repository-address.js';

const manifest: PackedManifest = {
  name: '@transfusion/a',
  version: '0.1.0',
  dependencies: { '@transfusion/b': '^0.1.0', c: '1.2.3' },
  optionalDependencies: { '@transfusion/onnxruntime-linux-x64': '0.1.0' },
  ...repositoryFields('https://github.com/o/n', 'packages/a'),
};

test('a complete package can be published', () => {
  expect(releaseProblems(manifest, '[b](https://example.org)', ['CHANGELOG.md'])).toEqual([]);
});

test.each<[string, Partial<PackedManifest>, string]>([
  ['a version that was never set', { version: '0.0.0' }, 'npm run changeset'],
  ['no repository', { repository: undefined }, 'where its repository is'],
  [
    'a range of the workspace',
    { dependencies: { '@transfusion/b': 'workspace:^' } },
    '@transfusion/b workspace:^',
  ],
  [
    'a range of binaries',
    { optionalDependencies: { '@transfusion/onnxruntime-linux-x64': '^0.1.0' } },
    'expected an exact version',
  ],
  ['a pinned own package', { peerDependencies: { '@transfusion/b': '0.1.0' } }, '@transfusion/b 0.1.0'],
])('refuses %s', (_case, change, problem) => {
  expect(releaseProblems({ ...manifest, ...change }, '', ['CHANGELOG.md'])).toEqual([
    expect.stringContaining(problem),
  ]);
});

test('refuses a package without a changelog, and links that are dead on its page', () => {
  expect(releaseProblems(manifest, '[b](../b)', [])).toEqual([
    expect.stringContaining('has no CHANGELOG.md'),
    'README.md links to ../b, expected an absolute address',
  ]);
});
