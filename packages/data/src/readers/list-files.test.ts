import { symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { dataSetFolder } from '../testing-internals/data-set-folder.js';
import { listFiles } from './list-files.js';

it('lists files recursively by code unit, without dot files and links to folders', async () => {
  const folder = dataSetFolder({
    'b/z.png': '',
    'a.png': '',
    'B.png': '',
    '.hidden/c.png': '',
    '.d.png': '',
  });
  symlinkSync('b', join(folder, 'linked-folder'));
  symlinkSync('a.png', join(folder, 'linked.png'));
  symlinkSync('none', join(folder, 'dangling.png'));
  const files = (await listFiles(folder)).map((path) => relative(folder, path));
  expect(files).toEqual(['B.png', 'a.png', 'b/z.png', 'dangling.png', 'linked.png']);
});

it('throws for what is not a folder', async () => {
  const folder = dataSetFolder({ 'a.png': '' });
  await expect(listFiles(join(folder, 'none'))).rejects.toThrow("there is no folder '");
  await expect(listFiles(join(folder, 'a.png'))).rejects.toThrow("a.png' is not a folder. Fix the path.");
});
