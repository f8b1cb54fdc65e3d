/** Captions in a table, as Hugging Face's image folders have them. */
import { expect, it } from 'vitest';
import { dataSetFolder, pair, readAll, toyImage } from '../testing-internals/data-set-folder.js';
import { captionedFolder } from './captioned-folder.js';
import { openDocuments } from './open-documents.js';
import { parseCsv } from './parse-csv.js';

const text = { name: 'text', accepts: (value: unknown) => typeof value === 'string' };
const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

it('reads a folder with metadata.jsonl, nested ones too, beside files with .txt', async () => {
  const folder = dataSetFolder({
    '0001.png': 'one',
    '0002.png': 'two',
    'metadata.jsonl': lines(
      { file_name: '0001.png', text: 'a red square' },
      { file_name: '0002.png', text: 'another' },
    ),
    'more/metadata.jsonl': lines({ file_name: 'in/3.png', caption: ['', 'third', null] }),
    'more/in/3.png': 'three',
    'z.png': 'alone',
    'z.txt': 'beside',
  });
  const expected = [
    pair('beside', 'alone'),
    pair('a red square', 'one'),
    pair('another', 'two'),
    pair('third', 'three'),
  ];
  expect(await readAll(await openDocuments(folder, [text, toyImage]))).toEqual(expected);
  expect(await readAll(await captionedFolder(folder, { modality: toyImage }))).toEqual(expected);
});

it('reads metadata.csv, and a table that is opened by its own path', async () => {
  const csv = 'file_name,additional,text\r\n1.png,x,"a, ""b""\r\nc"\r\n2.png,,plain\r\n';
  const folder = dataSetFolder({
    '1.png': 'one',
    '2.png': 'two',
    'metadata.csv': csv,
    'table.jsonl': lines({ file_name: '1.png', text: 'by path' }),
  });
  const expected = [pair('a, "b"\r\nc', 'one'), pair('plain', 'two')];
  expect(await readAll(await openDocuments(folder, [toyImage]))).toEqual(expected);
  expect(await readAll(await openDocuments(`${folder}/metadata.csv`, [toyImage]))).toEqual(expected);
  expect(await readAll(await openDocuments(`${folder}/table.jsonl`, [text, toyImage]))).toEqual([
    pair('by path', 'one'),
  ]);
});

it('costs a bad row its record alone', async () => {
  const folder = dataSetFolder({
    '1.png': 'one',
    'metadata.jsonl': `{"file_name": "1.png", "text": "ok", "score": NaN}\nno json\n${lines(
      { text: 'no file' },
      { file_name: 'none.png', text: 'x' },
      { file_name: '../1.png', text: 'x' },
      { file_name: '1.png', a: 'x', b: 'y' },
      { file_name: '1.png', text: null },
      { file_name: '1.png', sole: 'the only text', n: 1 },
    )}`,
  });
  expect(await readAll(await captionedFolder(folder, { modality: toyImage }))).toEqual([
    pair('ok', 'one'),
    expect.stringContaining('metadata.jsonl:2: the line is not JSON'),
    expect.stringContaining("metadata.jsonl:3: 'file_name' is undefined, expected the name of a file"),
    expect.stringContaining("metadata.jsonl:4: there is no file '"),
    expect.stringContaining("metadata.jsonl:5: '../1.png' points outside the folder"),
    expect.stringContaining(
      "metadata.jsonl:6: has a, b beside 'file_name', expected a caption: text, caption",
    ),
    expect.stringContaining('metadata.jsonl:7: the caption is null'),
    pair('the only text', 'one'),
  ]);
});

it.each<[string, string[][]]>([
  ['', []],
  [
    'a,b\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,\n,b\n',
    [
      ['a', ''],
      ['', 'b'],
    ],
  ],
  ['a\n\n\nb', [['a'], ['b']]],
  [
    '"a""b","c\nd"\n"",e',
    [
      ['a"b', 'c\nd'],
      ['', 'e'],
    ],
  ],
  ['"open,1\nb', [['"open', '1'], ['b']]],
  ['"a"b,c', [['"a"b', 'c']]],
  ['a,', [['a', '']]],
])('parses the CSV %j', (csv, rows) => {
  expect(parseCsv(csv)).toEqual(rows);
});
