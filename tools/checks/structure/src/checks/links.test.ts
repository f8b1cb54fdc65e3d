import { expect, test } from 'vitest';
import { checkLinks } from './links.js';

const check = (text: string): unknown[] =>
  checkLinks([{ path: 'packages/a/README.md', text }], (path) => ['packages/b', 'docs/a.md'].includes(path));

test('links lead to files and folders of the repository', () => {
  expect(check('[b](../b) [a](../../docs/a.md#part) [web](https://example.org) [here](#part)')).toEqual([]);
  expect(check('[c](../c)')).toEqual([
    { path: 'packages/a/README.md', problem: 'the link ../c leads nowhere' },
  ]);
});

test('other files are left alone', () => {
  expect(checkLinks([{ path: 'a.ts', text: '[c](../c)' }], () => false)).toEqual([]);
});
