import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TransfusionError } from '@transfusion/errors';
import { createRng } from '@transfusion/nn';
import { dataSetFolder, pair, readAll, toyAudio, toyImage } from '../testing-internals/data-set-folder.js';
import { cocoCaptions } from './coco-captions.js';
import { captionedFolder } from './captioned-folder.js';

const options = { modality: toyImage };

it('captionedFolder reads files with the captions beside them, also in subfolders', async () => {
  const folder = dataSetFolder({
    'b.png': 'b',
    'b.txt': ' a bee \r\n',
    'a/z.JPEG': 'z',
    'a/z.txt': 'a zebra',
    'folder.png/c.webp': 'c',
    'folder.png/c.txt': 'a cat',
    '.hidden/d.png': 'd',
    '._b.png': 'left by macOS',
    'notes.md': 'no image',
  });
  const source = await captionedFolder(folder, options);
  const places = Array.from({ length: source.length }, (_, i) => source.locate(i));
  expect(places).toEqual(['a/z.JPEG', 'b.png', 'folder.png/c.webp'].map((name) => join(folder, name)));
  expect(await readAll(source)).toEqual([pair('a zebra', 'z'), pair('a bee', 'b'), pair('a cat', 'c')]);
});

it('captionedFolder reports missing and empty captions', async () => {
  const folder = dataSetFolder({
    'a.png': 'a',
    'b.png': 'b',
    'b.txt': ' \n',
    'c.png': 'broken',
    'c.txt': 'c',
    'd.png': 'd',
    'd.txt': Buffer.from('caf\u00e9', 'latin1'),
  });
  expect(await readAll(await captionedFolder(folder, options))).toEqual([
    expect.stringMatching(/a\.png: there is no file '.*a\.txt'/),
    expect.stringMatching(/b\.png: '.*b\.txt' is empty/),
    expect.stringMatching(/c\.png: '.*c\.png': no image/),
    expect.stringMatching(/d\.png: '.*d\.txt' is not UTF-8 text/),
  ]);
});

it('captionedFolder throws for folders without files, and for modalities without media', async () => {
  const folder = dataSetFolder({ 'a.txt': 'a' });
  await expect(captionedFolder(folder, options)).rejects.toThrow('found no records');
  await expect(captionedFolder(join(folder, 'none'), options)).rejects.toThrow('there is no folder');
  await expect(captionedFolder(folder, { modality: { name: 'label' } })).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringContaining("captionedFolder: the modality 'label' has no media"),
  });
});

it('captionedFolder reads files of any modality by their extension', async () => {
  const folder = dataSetFolder({ 'a.WAV': 'tone', 'a.txt': 'a tone', 'b.png': 'b' });
  const source = await captionedFolder(folder, { modality: toyAudio });
  expect(await readAll(source)).toMatchObject([{ segments: [{}, { modality: 'audio', value: 'tone' }] }]);
});

it('chooses among all captions by rng', async () => {
  const folder = dataSetFolder({ 'a.png': 'a', 'a.txt': 'one\ntwo\n\nthree\n' });
  const source = await captionedFolder(folder, options);
  const chosen = await Promise.all(
    Array.from({ length: 60 }, async (_, seed) => (await source.read(0, createRng(seed))).segments[0].value),
  );
  expect([...new Set(chosen)].sort()).toEqual(['one', 'three', 'two']);
  expect(await source.read(0, createRng(5))).toEqual(await source.read(0, createRng(5)));
});

it('rethrows invalid arguments', async () => {
  const folder = dataSetFolder({ 'a.png': 'a', 'a.txt': 'a' });
  const { decodeImage } = await import('@transfusion/modality-image');
  const decode = (bytes: Uint8Array) => decodeImage(bytes, { minSide: -1 });
  const misused = { name: 'image', media: { extensions: ['.png'], decode } };
  const source = await captionedFolder(folder, { modality: misused });
  const error = await source.read(0, createRng(0)).catch((thrown: TransfusionError) => thrown);
  expect(error).toMatchObject({ code: 'invalid-argument' });
});

it('cocoCaptions reads images with their captions', async () => {
  const folder = dataSetFolder({
    'captions.json': JSON.stringify({
      info: {},
      images: [
        { id: 7, file_name: 'a.jpg' },
        { id: 8, file_name: 'none.jpg' },
        { id: 9, file_name: 'a.jpg' },
        { id: 10, file_name: '../captions.json' },
        { id: 11, file_name: 5 },
        { id: 12, file_name: 'a.jpg' },
        null,
      ],
      annotations: [
        { image_id: 7, caption: 'a cat' },
        { image_id: 8, caption: 'a dog' },
        { image_id: 10, caption: 'a dog' },
        { image_id: 12, caption: ['a dog'] },
        { image_id: 13, caption: 'a bee' },
      ],
    }),
    'images/a.jpg': 'a',
  });
  const path = join(folder, 'captions.json');
  const source = await cocoCaptions(path, join(folder, 'images'), options);
  expect(source.locate(0)).toBe(`${path}: image 7`);
  expect(await readAll(source)).toEqual([
    pair('a cat', 'a'),
    expect.stringContaining('image 8: there is no file'),
    expect.stringContaining('image 9: has no caption'),
    expect.stringContaining("image 10: '../captions.json' points outside the folder"),
    expect.stringContaining("image 11: 'file_name' is 5, expected the name of a file"),
    expect.stringContaining('image 12: the caption is [ '),
    expect.stringContaining("image undefined: 'file_name' is undefined"),
    expect.stringContaining("image 13: 'file_name' is undefined"),
  ]);
});

it.each([
  ['{', 'the file is not JSON'],
  ['[]', 'has no lists of images and annotations'],
  ['{"images": [], "annotations": []}', 'found no records'],
])('cocoCaptions throws for %s', async (content, message) => {
  const path = join(dataSetFolder({ 'a.json': content }), 'a.json');
  await expect(cocoCaptions(path, '.', options)).rejects.toThrow(message);
});
