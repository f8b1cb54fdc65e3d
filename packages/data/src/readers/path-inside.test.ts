import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataSetFolder } from '../testing-internals/data-set-folder.js';
import { pathInside } from './path-inside.js';

it('returns paths in the folder, whether there is a file or not', async () => {
  const folder = dataSetFolder({ 'in/a.png': 'a', '..b.png': 'b' });
  expect(await pathInside(folder, 'in/a.png')).toBe(join(folder, 'in/a.png'));
  expect(await pathInside(folder, 'in/../..b.png')).toBe(join(folder, '..b.png'));
  expect(await pathInside(folder, 'none.png')).toBe(join(folder, 'none.png'));
});

it.each(['../a.png', '/a.png', 'in/../../a.png', '..'])('refuses %s', async (name) => {
  const error = await pathInside(dataSetFolder({}), name).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'invalid-record',
    message: expect.stringMatching(/^'.*' points outside the folder '.*'\. Fix the path/),
  });
});

it('refuses links that point outside the folder, and follows those that stay in it', async () => {
  const folder = dataSetFolder({ 'secret.png': 's', 'data/a.png': 'a' });
  const data = join(folder, 'data');
  symlinkSync('../secret.png', join(data, 'out.png'));
  symlinkSync('..', join(data, 'up'));
  symlinkSync('a.png', join(data, 'in.png'));
  await expect(pathInside(data, 'out.png')).rejects.toThrow('points outside the folder');
  await expect(pathInside(data, 'up/secret.png')).rejects.toThrow('points outside the folder');
  expect(realpathSync(await pathInside(data, 'in.png'))).toBe(realpathSync(join(data, 'a.png')));
});

it('takes a folder that is a link itself', async () => {
  const folder = dataSetFolder({ 'real/a.png': 'a' });
  mkdirSync(join(folder, 'elsewhere'));
  const link = join(folder, 'elsewhere', 'data');
  symlinkSync(join(folder, 'real'), link);
  expect(await pathInside(link, 'a.png')).toBe(join(link, 'a.png'));
});
