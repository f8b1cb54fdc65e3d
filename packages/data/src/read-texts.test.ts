import { expect, it } from 'vitest';
import type { DocumentSource } from './document-source.js';
import { readTexts } from './read-texts.js';
import { captionedFolder } from './readers/captioned-folder.js';
import { dataSetFolder, toyImage } from './testing-internals/data-set-folder.js';

it('returns all captions in order, without those of unusable records', async () => {
  const images = Array.from({ length: 40 }, (_, i) => [`${10 + i}.png`, `image ${i}`]);
  const captions = images.map(([name], i) => [name.replace('png', 'txt'), `caption ${i}\n`]);
  const folder = dataSetFolder(
    Object.fromEntries([...images, ...captions.filter((_, i) => i !== 7), ['20.png', 'broken']]),
  );
  const source = await captionedFolder(folder, { modality: toyImage });
  const expected = captions.map((_, i) => `caption ${i}`).filter((_, i) => i !== 7);
  expect(await readTexts(source)).toEqual(expected.filter((caption) => caption !== 'caption 10'));
  // Images that are not needed are not decoded.
  expect(await readTexts(source, { without: 'image' })).toEqual(expected);
  expect(await readTexts(source, { modality: 'speech' })).toEqual([]);
});

it('passes other errors on', async () => {
  const source: DocumentSource = {
    name: 'none',
    length: 1,
    locate: () => 'none:0',
    read: () => Promise.reject(new RangeError('a mistake')),
  };
  await expect(readTexts(source)).rejects.toThrow('a mistake');
});
