import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadRecipeFile } from './recipe-file.js';
import { openRecipe, referenceFrom } from './recipe-reference.js';

const squares = fileURLToPath(new URL('testing-internals/squares.ts', import.meta.url));

async function fileWith(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'recipe-')), 'mine.ts');
  await writeFile(path, text);
  return path;
}

test('takes the export called recipe', async () => {
  expect(await loadRecipeFile(squares)).toMatchObject({ name: 'squares', totalSteps: 10_000 });
});

test('takes a function as the default export', async () => {
  const path = await fileWith(
    `import { loadEmojiAutoencoder } from '@transfusion/emoji';
import { emojiPixels } from '@transfusion/emoji';
if (typeof loadEmojiAutoencoder !== 'function') throw new Error('no emoji');
export default async (): Promise<unknown> => emojiPixels({ totalSteps: 7 });`,
  );
  expect(await loadRecipeFile(path)).toMatchObject({ name: 'emoji-pixels', totalSteps: 7 });
});

test.each([
  ['no file', undefined, /no\.ts: there is no such file/],
  ['a syntax error', 'export const recipe = {', /mine\.ts: /],
  ['an error while it runs', 'throw new Error("out of cheese");', /mine\.ts: out of cheese/],
  ['no recipe', 'export const other = 1;', /mine\.ts: exports no recipe/],
  ['a recipe with mistakes', 'export const recipe = { name: "mine" };', /recipe 'mine':\n/],
])('%s', async (_, text, message) => {
  await expect(loadRecipeFile(text === undefined ? 'no.ts' : await fileWith(text))).rejects.toThrow(message);
});

test('an unknown name brings the nearest', async () => {
  await expect(openRecipe({ recipe: 'emoij-pixels' })).rejects.toThrow('did you mean emoji-pixels?');
});

test('a run remembers files seen from its folder', () => {
  const stored = referenceFrom('runs/a', { recipe: 'mine.ts', data: 'book.txt' }, 'folder');
  expect(stored).toEqual({ recipe: join('..', '..', 'mine.ts'), data: join('..', '..', 'book.txt') });
  expect(referenceFrom('runs/a', stored, 'here')).toEqual({ recipe: 'mine.ts', data: 'book.txt' });
  expect(referenceFrom('runs/a', { recipe: 'emoji-pixels' }, 'folder')).toEqual({ recipe: 'emoji-pixels' });
});
