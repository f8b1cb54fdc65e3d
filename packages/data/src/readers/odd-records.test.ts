/** Records as Python writes them: numbers that are not JSON, missing captions, arrays called JSON lines. */
import { expect, it } from 'vitest';
import { dataSetFolder, goldenPath, pair, readAll, toyImage } from '../testing-internals/data-set-folder.js';
import { cocoCaptions } from './coco-captions.js';
import { parseJson } from './decode-text.js';
import { jsonlDocuments } from './jsonl-documents.js';
import { openDocuments } from './open-documents.js';
import { textDocuments } from './text-documents.js';
import { webDataset } from './web-dataset.js';

it('reads NaN and Infinity as null, outside of strings', () => {
  expect(parseJson('{"a": NaN, "b": [-Infinity, Infinity, 1], "NaN": "NaN, \\"Infinity"}', 'x')).toEqual({
    a: null,
    b: [null, null, 1],
    NaN: 'NaN, "Infinity',
  });
  expect(() => parseJson('{"a": NaNa}', 'the line')).toThrow('the line is not JSON');
  expect(() => parseJson('{"a": NaN', 'the line')).toThrow('the line is not JSON');
});

it('a COCO file with NaN in a field that nobody uses, and null among captions', async () => {
  const folder = dataSetFolder({ 'a.png': 'A' });
  const annotations = dataSetFolder({
    'a.json':
      '{"images": [{"id": 1, "file_name": "a.png", "score": NaN}], "annotations": [{"image_id": 1, "caption": null}, {"image_id": 1, "caption": "nan"}]}',
  });
  expect(await readAll(await cocoCaptions(`${annotations}/a.json`, folder, { modality: toyImage }))).toEqual([
    pair('nan', 'A'),
  ]);
});

it('a shard with NaN beside a caption, a caption of null, and an empty .txt beside a .json', async () => {
  const modality = {
    name: 'image',
    media: { extensions: ['.png'], decode: async ({ length }: Uint8Array) => length },
  };
  expect(await readAll(await webDataset([goldenPath('json-nan.tar')], { modality }))).toEqual([
    pair('has NaN', 144),
    expect.stringContaining('json-nan.tar: b: the caption is null, expected a string or a list of strings.'),
    pair('in the json', 144),
  ]);
});

it.each([
  [
    '[\n {\n  "text": "x"\n },\n {\n  "text": "y"\n }\n]',
    "array, expected a JSON object on each line. Convert it: jq -c '.[]'",
  ],
  ['[{"text": "x"}]\n', "array, expected a JSON object on each line. Convert it: jq -c '.[]'"],
  ['{\n  "segments": []\n}\n', "object, expected a JSON object on each line. Convert it: jq -c '.'"],
])('a .jsonl that is one value gets one hint: %j', async (content, hint) => {
  const path = `${dataSetFolder({ 'a.jsonl': content })}/a.jsonl`;
  for (const open of [
    () => openDocuments(path, [toyImage]),
    () => textDocuments(path),
    () => jsonlDocuments(path, { modalities: [toyImage] }),
  ]) {
    await expect(open()).rejects.toMatchObject({
      code: 'invalid-file',
      message: expect.stringContaining(`${path}: is one JSON ${hint}`),
    });
  }
});

it('a first line that is none costs its record alone', async () => {
  const path = `${dataSetFolder({ 'a.jsonl': '[1,\n{"text": "fine"}\n' })}/a.jsonl`;
  expect(await readAll(await textDocuments(path))).toEqual([
    expect.stringContaining('a.jsonl:1: the line is not JSON'),
    { segments: [{ modality: 'text', value: 'fine' }] },
  ]);
});
