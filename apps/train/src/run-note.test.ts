import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readRunNote, writeRunNote } from './run-note.js';

let folder: string;
beforeEach(async () => {
  folder = relative('', await mkdtemp(join(tmpdir(), 'transfusion-note-')));
});

test('notes files seen from its folder, and tells them seen from here', async () => {
  const run = join(folder, 'runs/a');
  writeRunNote(run, { recipe: join(folder, 'mine.ts'), data: join(folder, 'book.txt') });
  expect(JSON.parse(await readFile(join(run, 'run.json'), 'utf8'))).toEqual({
    recipe: join('..', '..', 'mine.ts'),
    data: join('..', '..', 'book.txt'),
  });
  const note = { recipe: join(folder, 'mine.ts'), data: join(folder, 'book.txt') };
  expect(readRunNote(run)).toEqual(note);
  expect(readRunNote(join(run, 'checkpoints/step-00000001'))).toEqual(note);
});

test('notes the name of a built-in recipe as it is', () => {
  writeRunNote(folder, { recipe: 'emoji-pixels' });
  expect(readRunNote(folder)).toEqual({ recipe: 'emoji-pixels' });
});

test.each(['', '[]', 'null', '{"recipe": 7}', '{"other": "x"}'])('%j is no note', async (text) => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'run.json'), text);
  expect(readRunNote(folder)).toBeUndefined();
});
