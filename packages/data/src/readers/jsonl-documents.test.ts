import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRng } from '@transfusion/nn';
import { dataSetFolder, pair, readAll, toyImage } from '../testing-internals/data-set-folder.js';
import { jsonlDocuments } from './jsonl-documents.js';

const lines = (...records: unknown[]): string => records.map((record) => JSON.stringify(record)).join('\n');
const document = (...segments: unknown[]) => ({ segments });

it('reads segments of any modality, and files by its media', async () => {
  const folder = dataSetFolder({
    'a.jsonl': lines(document({ text: 'A cat:' }, { image: 'in/cat.png' }), document({ label: [1, 2] })),
    'in/cat.png': 'cat',
  });
  const source = await jsonlDocuments(join(folder, 'a.jsonl'), { modalities: [toyImage] });
  expect(source.length).toBe(2);
  expect(await readAll(source)).toEqual([
    pair('A cat:', 'cat'),
    { segments: [{ modality: 'label', value: [1, 2] }] },
  ]);
});

it('accepts byte order marks, blank lines, CRLF and no newline at the end', async () => {
  const record = (text: string): string => lines(document({ text }));
  const content = `\uFEFF${record('ä')}\r\n\r\n  \n${record('b')}\n${record('c')}`;
  const folder = dataSetFolder({ 'a.jsonl': content });
  const source = await jsonlDocuments(join(folder, 'a.jsonl'), { modalities: [] });
  expect([0, 1, 2].map((i) => source.locate(i).split(':').at(-1))).toEqual(['1', '4', '5']);
  const textOf = (value: string) => ({ segments: [{ modality: 'text', value }] });
  expect(await readAll(source)).toEqual(['ä', 'b', 'c'].map(textOf));
});

it('finds lines across the chunks of a large file', async () => {
  const texts = Array.from({ length: 40 }, (_, i) => `${i}`.repeat(50_000 + i));
  const folder = dataSetFolder({ 'a.jsonl': lines(...texts.map((text) => document({ text }))) });
  const source = await jsonlDocuments(join(folder, 'a.jsonl'), { modalities: [] });
  expect(source.length).toBe(40);
  for (const i of [39, 0, 20, 21]) {
    expect(await source.read(i, createRng(0))).toEqual(document({ modality: 'text', value: texts[i] }));
    expect(source.locate(i)).toMatch(new RegExp(`:${i + 1}$`));
  }
});

it('reports where bad records are, what was found and what was expected', async () => {
  const folder = dataSetFolder({
    'a.jsonl': [
      '{"segments": [{"text": "no end"}',
      '[]',
      '{"segments": []}',
      '{"segments": [{"text": "a", "image": "b"}]}',
      '{"segments": ["text"]}',
      '{"segments": [{"image": 7}]}',
      '{"segments": [{"image": "none.png"}]}',
      '{"segments": [{"image": "folder.png"}]}',
      '{"segments": [{"image": "../secret.png"}]}',
      '{"segments": [{"image": "/secret.png"}]}',
      '{"segments": [{"image": "broken.png"}]}',
      '{"segments": [{"image": "..hidden.png"}]}',
    ].join('\n'),
    'broken.png': 'broken',
    '..hidden.png': 'a name like any other',
  });
  mkdirSync(join(folder, 'folder.png'));
  const path = join(folder, 'a.jsonl');
  const source = await jsonlDocuments(path, { modalities: [toyImage] });
  const messages = (await readAll(source)).slice(0, -1) as string[];
  messages.forEach((message, i) => expect(message.startsWith(`${path}:${i + 1}: `)).toBe(true));
  expect(messages.map((message) => message.slice(message.indexOf(': ') + 2))).toEqual([
    expect.stringMatching(/^the line is not JSON: /),
    'has no list of segments, expected {"segments": [{"text": "…"}, …]}.',
    expect.stringContaining('has no list of segments'),
    "segment 0: found { text: 'a', image: 'b' }, expected an object with one key, its modality.",
    "segment 0: found 'text', expected an object with one key, its modality.",
    "segment 0: 'image' is 7, expected the path of a file, or a value that it accepts.",
    "there is no file 'none.png'. Fix the path, or add the file.",
    "'folder.png' is a folder, expected a file. Fix the path.",
    expect.stringMatching(/^'\.\.\/secret\.png' points outside the folder/),
    expect.stringMatching(/^'\/secret\.png' points outside the folder/),
    "'broken.png': no image",
  ]);
  expect(await source.read(11, createRng(0))).toMatchObject({
    segments: [{ value: 'a name like any other' }],
  });
});

it('uses values that a modality accepts as they are, and other strings as paths', async () => {
  const folder = dataSetFolder({
    'a.jsonl': lines(document({ text: 'a.txt' }, { curve: [1, 2] }, { curve: 'b.csv' }, { curve: 3 })),
    'a.txt': 'the text of a file',
    'b.csv': '3,4',
  });
  const decode = async (bytes: Uint8Array): Promise<unknown> => Buffer.from(bytes).toString().split(',');
  const modalities = [
    {
      name: 'text',
      media: { extensions: ['.txt'], decode },
      accepts: (value: unknown) => typeof value === 'string',
    },
    { name: 'curve', media: { extensions: ['.csv'], decode }, accepts: Array.isArray },
  ];
  const path = join(folder, 'a.jsonl');
  const [message] = await readAll(await jsonlDocuments(path, { modalities }));
  expect(message).toContain(
    "segment 3: 'curve' is 3, expected the path of a file, or a value that it accepts.",
  );
  writeFileSync(path, lines(document({ text: 'a.txt' }, { curve: [1, 2] }, { curve: 'b.csv' })));
  // A registry works, too.
  expect(await readAll(await jsonlDocuments(path, { modalities: { modalities } }))).toEqual([
    document(
      { modality: 'text', value: 'a.txt' },
      { modality: 'curve', value: [1, 2] },
      { modality: 'curve', value: ['3', '4'] },
    ),
  ]);
});

it('refuses text that is not UTF-8', async () => {
  const latin1 = Buffer.from('{"segments": [{"text": "caf\u00e9"}]}', 'latin1');
  const folder = dataSetFolder({ 'a.jsonl': latin1 });
  const source = await jsonlDocuments(join(folder, 'a.jsonl'), { modalities: [] });
  expect(await readAll(source)).toEqual([expect.stringContaining('the line is not UTF-8 text')]);
});

it('looks for files in `directory`', async () => {
  const folder = dataSetFolder({
    'lists/a.jsonl': lines(document({ image: 'cat.png' })),
    'images/cat.png': 'cat',
  });
  const source = await jsonlDocuments(join(folder, 'lists/a.jsonl'), {
    modalities: [toyImage],
    directory: join(folder, 'images'),
  });
  expect(await readAll(source)).toEqual([{ segments: [{ modality: 'image', value: 'cat' }] }]);
});

it('throws for missing, empty and compressed files, and for records that do not exist', async () => {
  const folder = dataSetFolder({
    'empty.jsonl': '\n\n',
    'zip.jsonl': new Uint8Array([0x1f, 0x8b, 8]),
    'a.jsonl': '{}',
  });
  const open = (name: string) => jsonlDocuments(join(folder, name), { modalities: [] });
  await expect(open('none.jsonl')).rejects.toMatchObject({ code: 'invalid-file' });
  await expect(open('.')).rejects.toThrow('is a folder');
  await expect(open('empty.jsonl')).rejects.toThrow('found no records');
  await expect(open('zip.jsonl')).rejects.toThrow('Unpack it with gunzip');
  const source = await open('a.jsonl');
  await expect(source.read(1, createRng(0))).rejects.toMatchObject({ code: 'invalid-argument' });
});
