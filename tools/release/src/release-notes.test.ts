import { expect, test } from 'vitest';
import { releaseNotes } from './release-notes.js';

const a = `# a

## 0.2.0

### Minor Changes

- 4cf0a44: Layers.

  More about them.

- Shared.

### Patch Changes

- 4cf0a44: Fixed.
- Updated dependencies [4cf0a44]
  - b@0.2.0

## 0.1.0

### Minor Changes

- Old.
`;

test('each change stands once, at its highest level, with its packages; older ones and updated dependencies are left out', () => {
  const b = '# b\n\n## 1.0.0\n\n### Patch Changes\n\n- abcdef0: Shared.\n';
  const packages = [
    { name: 'a', version: '0.2.0', changelog: a },
    { name: 'b', version: '1.0.0', changelog: b },
  ];
  expect(releaseNotes(packages)).toBe(`## Minor changes

- Layers.

  More about them. (a)
- Shared. (a, b)

## Patch changes

- Fixed. (a)

## Versions

- \`a\` 0.2.0
- \`b\` 1.0.0
`);
});

test('a package without changes of its own has a version only', () => {
  expect(releaseNotes([{ name: 'a', version: '1.0.0', changelog: '# a\n' }])).toBe(
    '## Versions\n\n- `a` 1.0.0\n',
  );
});
