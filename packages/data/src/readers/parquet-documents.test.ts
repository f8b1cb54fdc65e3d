import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { dataSetFolder, goldenPath, pair, readAll } from '../testing-internals/data-set-folder.js';
import { parquetDocuments } from './parquet-documents.js';
import { rowGroupCache, type RowGroup } from './parquet-row-groups.js';

const modalities = [{ name: 'image', media: { extensions: ['.png'], decode: decodeImage } }];
const struct = goldenPath('image-struct-snappy.parquet');
const plain = goldenPath('plain-bytes-zstd.parquet');
const image = (i: number) => ({
  width: 2,
  height: 2,
  data: Uint8Array.from([0, 1, 2, 3].flatMap(() => [10 * i, 20, 30])),
});

it('reads images as Hugging Face stores them', async () => {
  const source = await parquetDocuments([struct], { columns: { text: 'text', image: 'image' }, modalities });
  expect(source.locate(4)).toBe(`${struct}: row 4`);
  expect(await readAll(source)).toEqual([
    pair('picture 0', image(0)),
    pair('picture 1', image(1)),
    pair('picture 2', image(2)),
    expect.stringContaining("row 3: 'image' has no bytes"),
    expect.stringContaining("row 4: 'text' is null, expected a string or a list of strings"),
    expect.stringContaining("row 5: 'image': not a readable image"),
    pair('picture 6', image(6)),
  ]);
});

it('reads plain bytes, several captions, and text that is not marked as such', async () => {
  const source = await parquetDocuments([plain], { columns: { image: 'jpg', text: 'captions' }, modalities });
  const read = await Promise.all([...Array(20).keys()].map((seed) => source.read(1, createRng(seed))));
  expect(read[0].segments[0]).toEqual({ modality: 'image', value: image(1) });
  const captions = new Set(read.map(({ segments }) => segments[1].value));
  expect([...captions].sort()).toEqual(['first 1', 'second 1']);
  const texts = await parquetDocuments([plain], { columns: { text: 'raw_text' } });
  expect(await texts.read(2, createRng(0))).toEqual({ segments: [{ modality: 'text', value: 'bytes 2' }] });
});

it('reads strings of a modality whose values are strings, although it has media', async () => {
  const media = { extensions: ['.txt'], decode: () => Promise.reject(new Error('no file')) };
  const text = { name: 'text', media, accepts: (value: unknown) => typeof value === 'string' };
  const source = await parquetDocuments([struct], { columns: { text: 'text' }, modalities: [text] });
  expect(await source.read(0, createRng(0))).toMatchObject({ segments: [{ value: 'picture 0' }] });
});

it('reads across files and row groups in any order', async () => {
  const source = await parquetDocuments([struct, struct], { columns: { text: 'text' } });
  expect(source.length).toBe(14);
  for (const i of [13, 0, 7, 3, 9, 6]) {
    expect(await source.read(i, createRng(0))).toMatchObject({ segments: [{ value: `picture ${i % 7}` }] });
  }
});

it('counts a damaged file as one bad record, and each row of a damaged row group', async () => {
  const bytes = readFileSync(struct);
  const damaged = Uint8Array.from(bytes).fill(0xff, 4, 200);
  // The footer ends with the last row group's columns.
  const misnamed = Uint8Array.from(bytes);
  misnamed[bytes.lastIndexOf('text')] ^= 1;
  const folder = dataSetFolder({
    'cut.parquet': bytes.subarray(0, bytes.length - 20),
    'misnamed.parquet': misnamed,
    'empty.parquet': '',
    'text.parquet': 'not Parquet, and long enough to look for a footer',
    'damaged.parquet': damaged,
  });
  const open = async (name: string) =>
    readAll(
      await parquetDocuments([join(folder, name)], { columns: { text: 'text', image: 'image' }, modalities }),
    );
  for (const name of ['cut.parquet', 'misnamed.parquet', 'empty.parquet', 'text.parquet']) {
    expect(await open(name)).toEqual([expect.stringContaining('the file is not a complete Parquet file')]);
  }
  const rows = await open('damaged.parquet');
  expect(rows.slice(0, 3)).toEqual(
    [0, 1, 2].map((i) =>
      expect.stringContaining(
        `row ${i}: the row group is damaged: column 'image.bytes' has no page at byte 4`,
      ),
    ),
  );
  expect(rows[6]).toEqual(pair('picture 6', image(6)));
});

it('throws for missing files, missing columns and modalities without a column', async () => {
  await expect(parquetDocuments(['none.parquet'], { columns: { text: 'a' } })).rejects.toMatchObject({
    code: 'invalid-file',
  });
  await expect(parquetDocuments([struct], { columns: { text: 'caption' } })).rejects.toThrow(
    "unknown column 'caption', expected one of 'image', 'text', 'unused'",
  );
  await expect(parquetDocuments([struct], { columns: { text: 'text' }, modalities })).rejects.toThrow(
    "columns has no column for 'image'",
  );
  await expect(parquetDocuments([struct], { columns: {} })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
});

it('reads one row group at a time, each once while it is cached', async () => {
  const reads: number[] = [];
  let open = 0;
  const groups = [0, 1, 2].map((start): RowGroup => ({
    path: 'a',
    start,
    length: 1,
    read: async () => {
      reads.push(start);
      expect(++open).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open--;
      if (start === 1) throw new Error('broken');
      return [{ start }];
    },
  }));
  const readRows = rowGroupCache(2);
  const ask = async (i: number) => readRows(groups[i]).catch(() => 'broken');
  expect(await Promise.all([ask(0), ask(1), ask(0), ask(2)])).toEqual([
    [{ start: 0 }],
    'broken',
    [{ start: 0 }],
    [{ start: 2 }],
  ]);
  await ask(0);
  expect(reads).toEqual([0, 1, 2]);
  await ask(1);
  expect(reads).toEqual([0, 1, 2, 1]);
});

it('reads lists of images and conversations as several segments', async () => {
  const text = { name: 'text', accepts: (value: unknown) => typeof value === 'string' };
  const size = {
    name: 'image',
    media: { extensions: ['.png'], decode: async ({ length }: Uint8Array) => length },
  };
  const source = await parquetDocuments([goldenPath('lists-of-images.parquet')], {
    columns: { image: 'images', text: 'texts' },
    modalities: [text, size],
  });
  const conversation = [
    { modality: 'text', value: 'q0' },
    { modality: 'text', value: 'a0' },
  ];
  const images = (count: number) => Array.from({ length: count }, () => ({ modality: 'image', value: 79 }));
  expect(await readAll(source)).toEqual([
    { segments: [...images(2), ...conversation] },
    { segments: conversation },
    expect.stringContaining("row 2: 'images' is null, expected a file."),
    { segments: [...images(1), ...conversation] },
    { segments: [...images(5), ...conversation] },
  ]);
});

it.each([
  ['footer-of-more-rows', '2147483648'],
  ['claims-1e12-rows', '1099511627776'],
])('refuses counts of rows that cannot be: %s', async (name, count) => {
  const source = await parquetDocuments([goldenPath(`${name}.parquet`)], { columns: { text: 'text' } });
  expect(await readAll(source)).toEqual([
    expect.stringContaining(
      `row 0: the file is not a complete Parquet file: a row group claims ${count} rows. Download it again.`,
    ),
  ]);
});
