import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeProject } from './write-project.js';

const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'write-project-'));

test('folders are created as needed', async () => {
  const folder = await temporaryFolder();
  await writeProject(join(folder, 'a/b'), new Map([['src/c.ts', 'text']]));
  expect(await readFile(join(folder, 'a/b/src/c.ts'), 'utf8')).toBe('text');
  expect(await readdir(join(folder, 'a/b'))).toEqual(['src']);
});

test('nothing is left of a project that cannot be written', async () => {
  const folder = await temporaryFolder();
  // The second needs a folder where the first is a file.
  const files = new Map([
    ['a', ''],
    ['a/b', ''],
  ]);
  await expect(writeProject(join(folder, 'new/project'), files)).rejects.toThrow();
  await expect(writeProject(folder, files)).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
});
