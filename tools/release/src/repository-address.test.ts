import { expect, test } from 'vitest';
import { fileAddress, parseAddress, PLACEHOLDER, repositoryFields } from './repository-address.js';

test.each(['https://github.com/owner/name', 'https://gitlab.example.org/group/sub/name', PLACEHOLDER])(
  'accepts %s',
  (address) => {
    expect(parseAddress(address)).toBe(address);
    expect(parseAddress(`${address}.git`)).toBe(address);
  },
);

test('says where to set the address', () => {
  expect(() => parseAddress(undefined)).toThrow(
    'package.json has no "repository", expected the public address of this repository. Set it: npm pkg set repository=',
  );
});

test.each(['', 'owner/name', 'git@github.com:owner/name', 'https://github.com/owner', { url: 'x' }])(
  'refuses %j',
  (repository) => {
    expect(() => parseAddress(repository)).toThrow(/"repository" is .*, expected https:.* Set it:/);
  },
);

test('a package leads to its folder', () => {
  expect(repositoryFields('https://github.com/o/n', 'packages/a')).toEqual({
    repository: { type: 'git', url: 'git+https://github.com/o/n.git', directory: 'packages/a' },
    homepage: 'https://github.com/o/n/tree/HEAD/packages/a#readme',
    bugs: { url: 'https://github.com/o/n/issues' },
  });
});

test('GitLab has pages of its own kind', () => {
  expect(fileAddress('https://gitlab.com/o/n', 'blob', 'a.md')).toBe(
    'https://gitlab.com/o/n/-/blob/HEAD/a.md',
  );
});
