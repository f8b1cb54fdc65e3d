import { expect, test } from 'vitest';
import { formatTarballs } from './pack-packages.js';

test('the table names versions, sizes and numbers of files', () => {
  const tarball = { version: '0.1.0', changelog: '' };
  const tarballs = [
    { ...tarball, name: '@transfusion/a', bytes: 1234, numFiles: 7 },
    { ...tarball, name: '@transfusion/long', bytes: 36_557_269, numFiles: 36 },
  ];
  expect(formatTarballs(tarballs)).toBe(
    [
      '  @transfusion/a     0.1.0   1.2 kB   7 files',
      '  @transfusion/long  0.1.0  36.6 MB  36 files',
      '  2 packages, 36.6 MB',
    ].join('\n'),
  );
});
