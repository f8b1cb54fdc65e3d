import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openRecipe } from './open-recipe.js';

const squares = fileURLToPath(new URL('../testing-internals/squares.ts', import.meta.url));

async function fileWith(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'recipe-')), 'mine.ts');
  await writeFile(path, text);
  return path;
}

test('takes the export called recipe', async () => {
  expect(await openRecipe({ recipe: squares })).toMatchObject({ name: 'squares', totalSteps: 10_000 });
});

test('takes a function as the default export', async () => {
  const path = await fileWith(
    `import { loadEmojiAutoencoder } from '@transfusion/emoji';
import { emojiPixels } from '@transfusion/emoji';
if (typeof loadEmojiAutoencoder !== 'function') throw new Error('no emoji');
export default async (): Promise<unknown> => emojiPixels({ totalSteps: 7 });`,
  );
  expect(await openRecipe({ recipe: path })).toMatchObject({ name: 'emoji-pixels', totalSteps: 7 });
});

test.each([
  ['no file', undefined, /no\.ts: there is no such file/],
  ['a syntax error', 'export const recipe = {', /mine\.ts: /],
  ['an error while it runs', 'throw new Error("out of cheese");', /mine\.ts: out of cheese/],
  ['no recipe', 'export const other = 1;', /mine\.ts: does not export a recipe/],
  ['an invalid recipe', 'export const recipe = { name: "mine" };', /recipe 'mine':\n/],
])('%s', async (_, text, message) => {
  const recipe = text === undefined ? 'no.ts' : await fileWith(text);
  await expect(openRecipe({ recipe })).rejects.toThrow(message);
});

test('an unknown name suggests the nearest', async () => {
  await expect(openRecipe({ recipe: 'emoij-pixels' })).rejects.toThrow('did you mean emoji-pixels?');
});

test.each(['emoji-pixels', squares])('refuses data that %s would ignore', async (recipe) => {
  await expect(openRecipe({ recipe, data: 'book.txt' })).rejects.toThrow(
    `--data book.txt: the recipe '${recipe}' has data of its own, expected text-only. Omit --data`,
  );
});
