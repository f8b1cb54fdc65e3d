import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  dataSetFolder,
  goldenPath,
  pair,
  readAll,
  toyAudio,
  toyImage,
} from '../testing-internals/data-set-folder.js';
import { openDocuments } from './open-documents.js';

const toyText = {
  name: 'text',
  media: { extensions: ['.txt'], decode: () => Promise.reject(new Error('a caption')) },
  accepts: (value: unknown) => typeof value === 'string',
};
const modalities = [toyText, toyImage, toyAudio, { name: 'label' }];

it('reads a folder by the modality whose files are in it', async () => {
  const images = dataSetFolder({ 'in/a.png': 'a', 'in/a.txt': 'an image', 'notes.md': 'nothing' });
  expect(await readAll(await openDocuments(images, modalities))).toEqual([pair('an image', 'a')]);
  const sounds = dataSetFolder({ 'a.wav': 'a', 'a.txt': 'a sound' });
  expect(await readAll(await openDocuments(sounds, { modalities }))).toMatchObject([
    { segments: [{ value: 'a sound' }, { modality: 'audio', value: 'a' }] },
  ]);
});

it('names the files it looks for, and refuses to choose among modalities', async () => {
  const none = dataSetFolder({ 'a.txt': 'a', 'b.mp4': 'b' });
  await expect(openDocuments(none, modalities)).rejects.toMatchObject({
    code: 'invalid-file',
    message: `${none}: found no files of a known modality, expected .txt ('text'); .png, .jpg, .jpeg, .webp ('image'); .wav ('audio'). Is this the right path?`,
  });
  await expect(openDocuments(none, [{ name: 'label' }])).rejects.toThrow('none: no modality has media');
  const both = dataSetFolder({ 'a.png': 'a', 'b.wav': 'b' });
  await expect(openDocuments(both, modalities)).rejects.toThrow("has files of 'image' and 'audio'");
});

it('reads an archive by the modality whose files are in it', async () => {
  const gif = { name: 'image', media: { extensions: ['.gif'], decode: async () => 'an image' } };
  const json = { name: 'curve', media: { extensions: ['.json'], decode: async () => 'a curve' } };
  const source = await openDocuments(goldenPath('gnu.tar'), [toyText, json, gif, toyAudio]);
  expect((await readAll(source))[0]).toEqual(pair('a long name', 'an image'));
  await expect(openDocuments(goldenPath('gnu.tar'), [toyAudio])).rejects.toThrow("expected .wav ('audio')");
});

it('reads JSON lines of segments or texts, and plain text', async () => {
  const folder = dataSetFolder({
    'segments.jsonl': '\n{"segments": [{"text": "a cat"}, {"image": "cat.png"}]}\n',
    'texts.JSONL': '{"text": "one"}',
    'a.md': 'one\n\ntwo',
    'cat.png': 'cat',
  });
  const open = async (name: string) => readAll(await openDocuments(join(folder, name), modalities));
  expect(await open('segments.jsonl')).toEqual([pair('a cat', 'cat')]);
  expect(await open('texts.JSONL')).toEqual([{ segments: [{ modality: 'text', value: 'one' }] }]);
  expect(await open('a.md')).toHaveLength(2);
});

it('refuses formats that need options, and missing paths', async () => {
  const folder = dataSetFolder({
    'a.parquet': readFileSync(goldenPath('image-struct-snappy.parquet')),
    'captions.json': '{}',
  });
  for (const name of ['a.parquet', 'captions.json']) {
    await expect(openDocuments(join(folder, name), modalities)).rejects.toThrow(
      'parquetDocuments or cocoCaptions',
    );
  }
  await expect(openDocuments(join(folder, 'none'), modalities)).rejects.toMatchObject({ code: 'not-found' });
});
