import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isRecipeFile, loadRecipeFile } from './recipe-file.js';

async function load(text: string): Promise<object> {
  const path = join(await mkdtemp(join(tmpdir(), 'transfusion-recipe-')), 'mine.ts');
  await writeFile(path, text);
  return loadRecipeFile(path, { '@transfusion/mine': { answer: 42 } });
}

test.each([
  ['the export called recipe', 'export const recipe: object = { name: "a" }; export default { name: "b" };'],
  ['the default export', 'export default { name: "a" };'],
  ['what a function returns', 'export const recipe = async (): Promise<object> => ({ name: "a" });'],
])('returns %s', async (_, text) => {
  expect(await load(text)).toEqual({ name: 'a' });
});

test('the file imports the modules passed', async () => {
  expect(
    await load("import { answer } from '@transfusion/mine';\nexport const recipe = { answer };"),
  ).toEqual({
    answer: 42,
  });
});

test.each([
  ['a syntax error', 'export const recipe = {', /mine\.ts: /],
  ['an error while it runs', 'throw new Error("out of cheese");', /mine\.ts: out of cheese/],
  ['no recipe', 'export const other = 1;', /mine\.ts: does not export a recipe/],
])('%s is refused', async (_, text, message) => {
  await expect(load(text)).rejects.toThrow(message);
});

test('a missing file is refused', async () => {
  await expect(loadRecipeFile('no.ts', {})).rejects.toThrow('no.ts: there is no such file');
});

test('distinguishes files from names', () => {
  expect(['a.ts', 'b/c.mjs', 'd.cts'].every(isRecipeFile)).toBe(true);
  expect(['emoji-pixels', 'paper-0.16b', 'runs/a'].some(isRecipeFile)).toBe(false);
});
