/** Links out of a data set, pipes and devices are refused, by each reader. */
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataSetFolder, pair, readAll, toyImage } from '../testing-internals/data-set-folder.js';
import { captionedFolder } from './captioned-folder.js';
import { cocoCaptions } from './coco-captions.js';
import { jsonlDocuments } from './jsonl-documents.js';
import { openDocuments } from './open-documents.js';
import { parquetDocuments } from './parquet-documents.js';
import { webDataset } from './web-dataset.js';

const modality = toyImage;

/** Makes a folder `data` beside `secret`, and gives files of it other contents: links, or a pipe for `|`. */
function folderOf(files: Record<string, string>, links: Record<string, string>): string {
  const root = dataSetFolder({
    secret: 'secret',
    ...Object.fromEntries(Object.entries(files).map(([name, content]) => [`data/${name}`, content])),
  });
  const folder = join(root, 'data');
  for (const [name, target] of Object.entries(links)) {
    if (target === '|') execFileSync('mkfifo', [join(folder, name)]);
    else symlinkSync(target, join(folder, name));
  }
  return folder;
}

it.each([
  ['../secret', 'points outside the folder'],
  ['/dev/zero', 'points outside the folder'],
  ['|', 'is a device or a pipe, expected a file'],
])('a folder of captioned files whose caption or image is %s', async (target, message) => {
  const captions = folderOf({ '1.png': 'one' }, { '1.txt': target });
  expect(await readAll(await captionedFolder(captions, { modality }))).toEqual([
    expect.stringContaining(message),
  ]);
  const images = folderOf({ '1.txt': 'one' }, { '1.png': target });
  expect(await readAll(await captionedFolder(images, { modality }))).toEqual([
    expect.stringContaining(message),
  ]);
  const named = folderOf(
    {
      'a.jsonl': '{"segments": [{"image": "1.png"}]}',
      'a.json':
        '{"images": [{"id": 1, "file_name": "1.png"}], "annotations": [{"image_id": 1, "caption": "x"}]}',
    },
    { '1.png': target },
  );
  expect(await readAll(await jsonlDocuments(join(named, 'a.jsonl'), { modalities: [modality] }))).toEqual([
    expect.stringContaining(message),
  ]);
  expect(await readAll(await cocoCaptions(join(named, 'a.json'), named, { modality }))).toEqual([
    expect.stringContaining(message),
  ]);
});

it('follows links inside the folder', async () => {
  const folder = folderOf({ '1.png': 'one', 'all.txt': 'caption' }, { '1.txt': 'all.txt' });
  expect(await readAll(await captionedFolder(folder, { modality }))).toEqual([pair('caption', 'one')]);
});

it.each(['data.jsonl', 'data.txt', 'data.tar', 'data.csv'])('a pipe as %s', async (name) => {
  const folder = folderOf({ x: '' }, { [name]: '|' });
  await expect(openDocuments(join(folder, name), [modality])).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining('is a device or a pipe, expected a file. Fix the path.'),
  });
});

it('a pipe as an archive, a table or annotations', async () => {
  const folder = folderOf({ x: '' }, { pipe: '|' });
  const path = join(folder, 'pipe');
  const message = 'is a device or a pipe';
  await expect(webDataset([path], { modality })).rejects.toThrow(message);
  await expect(parquetDocuments([path], { columns: { text: 'text' } })).rejects.toThrow(message);
  await expect(cocoCaptions(path, folder, { modality })).rejects.toThrow(message);
});
