import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Media } from '@transfusion/modality';
import { expect, test } from 'vitest';
import { writeValues } from './write-values.js';

const media: Media<string> = {
  mediaType: 'text/x-note',
  extensions: ['.note', '.txt'],
  decode: async (bytes) => new TextDecoder().decode(bytes),
  encode: async (value) => new TextEncoder().encode(value),
};
const withSheet: Media<string> = {
  ...media,
  sheet: async (values) => ({
    mediaType: 'text/x-notes',
    extension: '.notes',
    bytes: new TextEncoder().encode(values.join('|')),
  }),
};

const newStem = (): string => join(mkdtempSync(join(tmpdir(), 'values-')), 'deep', 'sample');
const contents = (paths: readonly string[]): string[] => paths.map((path) => readFileSync(path, 'utf8'));

test('writes one value as one file, with or without a sheet', async () => {
  for (const own of [media, withSheet]) {
    const stem = newStem();
    const paths = await writeValues({ name: 'note', media: own }, ['a'], stem);
    expect(paths).toEqual([`${stem}.note`]);
    expect(contents(paths)).toEqual(['a']);
  }
});

test('writes several values as a sheet if available, else as numbered files', async () => {
  const stem = newStem();
  const sheet = await writeValues({ name: 'note', media: withSheet }, ['a', 'b'], stem);
  expect(sheet).toEqual([`${stem}.notes`]);
  expect(contents(sheet)).toEqual(['a|b']);
  const files = await writeValues({ name: 'note', media }, ['a', 'b'], stem);
  expect(files).toEqual([`${stem}-1.note`, `${stem}-2.note`]);
  expect(contents(files)).toEqual(['a', 'b']);
});

test('accepts a path with the extension, too', async () => {
  const stem = newStem();
  expect(await writeValues({ name: 'note', media }, ['a'], `${stem}.note`)).toEqual([`${stem}.note`]);
  expect(await writeValues({ name: 'note', media: withSheet }, ['a', 'b'], `${stem}.NOTE`)).toEqual([
    `${stem}.notes`,
  ]);
});

test('refuses a modality without media', async () => {
  await expect(writeValues({ name: 'note' }, ['a'], 'sample')).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringContaining("values of 'note' cannot be written") as string,
  });
});
