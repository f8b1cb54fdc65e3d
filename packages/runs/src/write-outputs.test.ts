import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Modality } from '@transfusion/modality';
import { text } from '@transfusion/modality-text';
import { beforeEach, expect, test } from 'vitest';
import { writeOutputs } from './write-outputs.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-outputs-'));
});

test.each([
  ['story.txt', 'story.txt'],
  ['story', 'story.txt'],
  ['STORY.TXT', 'STORY.txt'],
  ['story.v2', 'story.v2.txt'],
  ['new/story', 'new/story.txt'],
])('%s becomes %s', async (asked, written) => {
  expect(await writeOutputs(text(), ['a tale'], join(folder, asked))).toEqual([join(folder, written)]);
  expect(await readFile(join(folder, written), 'utf8')).toBe('a tale');
});

test('several values without a sheet are numbered', async () => {
  expect(await writeOutputs(text(), ['one', 'two'], join(folder, 'story.txt'))).toEqual([
    join(folder, 'story-1.txt'),
    join(folder, 'story-2.txt'),
  ]);
});

test('a modality without files is refused', async () => {
  const modality = { ...text(), media: undefined } as Modality;
  await expect(writeOutputs(modality, ['a tale'], join(folder, 'story'))).rejects.toThrow(
    "values of 'text' cannot be written",
  );
});
