import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readRunNote, writeRunNote } from './run-note.js';

let folder: string;
beforeEach(async () => {
  folder = relative('', await mkdtemp(join(tmpdir(), 'transfusion-note-')));
});

test('writes paths relative to its folder, and reads them relative to the working directory', async () => {
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

test('writes the name of a built-in recipe unchanged', () => {
  writeRunNote(folder, { recipe: 'emoji-pixels' });
  expect(readRunNote(folder)).toEqual({ recipe: 'emoji-pixels' });
});

test.each(['', '[]', 'null', '{"recipe": 7}', '{"other": "x"}'])(
  '%j is not a valid run.json',
  async (text) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'run.json'), text);
    expect(readRunNote(folder)).toBeUndefined();
  },
);
