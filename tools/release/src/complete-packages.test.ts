import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completePackages } from './complete-packages.js';

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'release-'));
  for (const folder of ['packages/a', 'packages/b', 'docs'])
    mkdirSync(join(checkout, folder), { recursive: true });
  writeFileSync(join(checkout, 'docs/a.png'), '');
  writeFileSync(join(checkout, 'docs/a.md'), '');
  writeFileSync(join(checkout, 'packages/a/package.json'), '{ "name": "a", "version": "1.0.0" }');
});
afterEach(() => rmSync(checkout, { recursive: true }));

const complete = (readme: string): string => {
  writeFileSync(join(checkout, 'packages/a/README.md'), readme);
  completePackages(
    checkout,
    [{ name: 'a', version: '1.0.0', directory: 'packages/a' }],
    'https://github.com/o/n',
  );
  return readFileSync(join(checkout, 'packages/a/README.md'), 'utf8');
};

test('links lead to the repository: to folders, files, parts of files and images', () => {
  const readme =
    '[`b`](../b) [doc](../../docs/a.md) [part](../../docs/a.md#x) ![c](../../docs/a.png) [d](#d)';
  expect(complete(readme)).toBe(
    '[`b`](https://github.com/o/n/tree/HEAD/packages/b) ' +
      '[doc](https://github.com/o/n/blob/HEAD/docs/a.md) ' +
      '[part](https://github.com/o/n/blob/HEAD/docs/a.md#x) ' +
      '![c](https://github.com/o/n/raw/HEAD/docs/a.png) [d](#d)',
  );
});

test('package.json names the repository and keeps what it has', () => {
  complete('');
  expect(JSON.parse(readFileSync(join(checkout, 'packages/a/package.json'), 'utf8'))).toMatchObject({
    name: 'a',
    version: '1.0.0',
    repository: { directory: 'packages/a' },
    bugs: { url: 'https://github.com/o/n/issues' },
  });
});
