import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readRows, type Row } from './read-rows.js';

async function rowsOf(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of readRows(path)) rows.push(row);
  return rows;
}

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'rows-')), name);
  await writeFile(path, content);
  return path;
}

const rows = [
  { text: 'Ein Vogel.', id: 1 },
  { text: '猫', choices: { text: ['a', 'b'] } },
];
const lines = `${rows.map((row) => JSON.stringify(row)).join('\r\n')}\n\n`;

test.each([
  ['lines', 'c4.jsonl', lines],
  ['lines in a file of any name', 'wiki', `\uFEFF${lines}`],
  ['lines in .json', 'c4.json', lines],
  ['compressed lines', 'c4.json.gz', gzipSync(lines)],
  ['a list', 'list.json', ` ${JSON.stringify(rows)}`],
  ['nothing', 'empty.jsonl', ''],
])('reads %s', async (_, name, content) => {
  expect(await rowsOf(await fileOf(name, content))).toEqual(name === 'empty.jsonl' ? [] : rows);
});

test('reads all columns of Parquet, with numbers for 64-bit integers', async () => {
  const path = fileURLToPath(new URL('../golden/image-struct-snappy.parquet', import.meta.url));
  const found = await rowsOf(path);
  expect(found.map(({ unused }) => unused)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(Object.keys(found[0])).toEqual(['image', 'text', 'unused']);
  expect((found[0].image as Row).path).toBe('0.png');
});

test('can be left before the end', async () => {
  for await (const row of readRows(await fileOf('c4.jsonl', lines))) {
    expect(row).toEqual(rows[0]);
    break;
  }
});

test.each([
  [
    'a.jsonl',
    '{"a": 1}\nno JSON',
    'a.jsonl: found no JSON at line 2, expected a JSON object. Correct the file.',
  ],
  ['a.jsonl', '{"a": 1}\n[2]', 'a.jsonl: found [ 2 ] at line 2, expected a JSON object.'],
  ['a.json', '[{"a": 1}, 2]', 'a.json: found 2 at row 1, expected a JSON object.'],
  ['a.json.gz', gzipSync(lines).subarray(0, 30), 'cannot be read (unexpected end of file)'],
  ['a.parquet', 'no Parquet', 'its footer cannot be read'],
])('refuses %s', async (name, content, message) => {
  await expect(rowsOf(await fileOf(name, content))).rejects.toThrow(message);
});

test('refuses a file that is not there', async () => {
  await expect(rowsOf('none.jsonl')).rejects.toThrow(
    "there is no file 'none.jsonl'. Fix the path, or add the file.",
  );
});
