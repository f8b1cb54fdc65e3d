import { describe, expect, test } from 'vitest';
import { publishedManifestProblems } from './published-manifest.js';

describe('package.json of published packages', () => {
  const good = {
    engines: { node: '>=20.19' },
    files: ['dist', 'CHANGELOG.md'],
    scripts: { prepack: 'x' },
    dependencies: { '@transfusion/a': 'workspace:^', b: '1.2.3' },
    peerDependencies: { c: '^4.22.0 || >=5', d: '~1.0.0', e: '2' },
  };

  test('accepts exact versions, own packages of the workspace, and peers with a lower bound', () => {
    expect(publishedManifestProblems(good, '>=20.19')).toEqual([]);
  });

  test.each([
    [
      'another range of Node',
      { engines: { node: '>=20' } },
      "engines.node is >=20, expected the root's >=20.19",
    ],
    ['no range of Node', { engines: undefined }, 'engines.node is undefined'],
    ['no changelog', { files: ['dist'] }, 'CHANGELOG.md'],
    ['no check before packing', { scripts: {} }, "no script 'prepack'"],
    ['a repository', { repository: 'x' }, 'repository'],
    ['a pinned own package', { dependencies: { '@transfusion/a': 'workspace:*' } }, 'expected workspace:^'],
    [
      'an optional own package',
      { optionalDependencies: { '@transfusion/a': '0.1.0' } },
      'expected workspace:^',
    ],
    [
      'a range of binaries',
      { optionalDependencies: { '@transfusion/onnxruntime-linux-x64': 'workspace:^' } },
      'expected workspace:*',
    ],
    ['any peer', { peerDependencies: { c: '*' } }, 'lower bound'],
    ['a peer with an upper bound alone', { peerDependencies: { c: '^1.0.0 || <5' } }, 'lower bound'],
  ])('refuses %s', (_case, change, problem) => {
    expect(publishedManifestProblems({ ...good, ...change }, '>=20.19')).toEqual([
      expect.stringContaining(problem),
    ]);
  });
});
