import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataSetFolder, readAll } from '../testing-internals/data-set-folder.js';
import { textDocuments } from './text-documents.js';

const textOf = (text: string) => ({ segments: [{ modality: 'text', value: text }] });

it('makes a document of each paragraph', async () => {
  const folder = dataSetFolder({ 'a.txt': '\r\nOne,\r\nstill one.\r\n\r\n \r\nTwo.\r\n\r\nThree' });
  const source = await textDocuments(join(folder, 'a.txt'));
  expect(await readAll(source)).toEqual(['One,\nstill one.', 'Two.', 'Three'].map(textOf));
  expect([0, 1, 2].map((i) => source.locate(i).split(':').at(-1))).toEqual(['2', '6', '8']);
});

it('makes a document of each line of JSONL', async () => {
  const folder = dataSetFolder({
    'c4.jsonl':
      '{"text": "One.\\nStill one.", "url": "x"}\n{"text": " "}\n{"txt": "a"}\nnull\n{"text": 5}\n{',
  });
  const source = await textDocuments(join(folder, 'c4.jsonl'));
  expect(await readAll(source)).toEqual([
    textOf('One.\nStill one.'),
    expect.stringContaining('c4.jsonl:2: the text is empty'),
    expect.stringContaining(`c4.jsonl:3: 'text' is undefined, expected {"text": "…"}`),
    expect.stringContaining("c4.jsonl:4: 'text' is undefined"),
    expect.stringContaining("c4.jsonl:5: 'text' is 5"),
    expect.stringContaining('c4.jsonl:6: the line is not JSON'),
  ]);
});

it('throws for a file without text', async () => {
  const folder = dataSetFolder({ 'a.txt': '' });
  await expect(textDocuments(join(folder, 'a.txt'))).rejects.toThrow('found no records');
});
