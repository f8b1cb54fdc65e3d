/** The fingerprint of the files behind a source, which its latent cache depends on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DocumentSource } from '../document-source.js';
import { dataSetFolder, toyImage } from '../testing-internals/data-set-folder.js';
import { captionedFolder } from './captioned-folder.js';
import { cocoCaptions } from './coco-captions.js';
import { jsonlDocuments } from './jsonl-documents.js';

const modality = toyImage;
const modalities = [modality];
const folder = (): string =>
  dataSetFolder({
    'a.png': 'one',
    'a.txt': 'a',
    'b.png': 'two',
    'b.txt': 'b',
    'pairs.jsonl': '{"segments": [{"text": "a"}, {"image": "a.png"}]}\n{broken\n',
    'captions.json': JSON.stringify({
      images: [{ id: 1, file_name: 'a.png' }],
      annotations: [{ image_id: 1, caption: 'a' }],
    }),
  });
const sources: Record<string, (directory: string) => Promise<DocumentSource>> = {
  'a.png, captionedFolder': (directory) => captionedFolder(directory, { modality }),
  'a.png, jsonlDocuments': (directory) => jsonlDocuments(join(directory, 'pairs.jsonl'), { modalities }),
  'a.png, cocoCaptions': (directory) =>
    cocoCaptions(join(directory, 'captions.json'), directory, { modality }),
};

it.each(Object.entries(sources))('changes with %s', async (name, open) => {
  const [first, second] = [folder(), folder()];
  const hashOf = async (directory: string) => (await open(directory)).dataHash!();
  // Wherever the data lie.
  expect(await hashOf(first)).toBe(await hashOf(second));
  writeFileSync(join(first, name.split(',')[0]), 'a different one');
  expect(await hashOf(first)).not.toBe(await hashOf(second));
});

it('changes with missing files', async () => {
  const directory = folder();
  const source = await jsonlDocuments(join(directory, 'pairs.jsonl'), {
    modalities,
    directory: `${directory}/no`,
  });
  expect(await source.dataHash!()).not.toBe(
    await (
      await jsonlDocuments(join(directory, 'pairs.jsonl'), { modalities })
    ).dataHash!(),
  );
});
