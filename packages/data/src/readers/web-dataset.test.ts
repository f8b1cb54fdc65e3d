import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRng } from '@transfusion/nn';
import { dataSetFolder, goldenPath, readAll, toyImage } from '../testing-internals/data-set-folder.js';
import { openDocuments } from './open-documents.js';
import { indexTar } from './tar-index.js';
import { webDataset } from './web-dataset.js';

/** Returns the size of a GIF, and refuses anything else. */
const modality = {
  name: 'image',
  media: {
    extensions: ['.gif', '.png'],
    decode: async (bytes: Uint8Array) => {
      if (Buffer.from(bytes).toString('latin1', 0, 3) !== 'GIF')
        throw new Error(`${bytes.length} bytes, no GIF`);
      return bytes.length;
    },
  },
};
const longName = `shard/${'x'.repeat(90)}/${'y'.repeat(60)}`;
const gnu = readFileSync(goldenPath('gnu.tar'));

it.each(['ustar', 'gnu', 'pax'])('reads shards in the %s format', async (format) => {
  const path = goldenPath(`${format}.tar`);
  const source = await webDataset([path], { modality });
  const places = Array.from({ length: source.length }, (_, i) => source.locate(i));
  expect(places).toEqual(
    [longName, 'shard/Käse', 'shard/bare', 'shard/empty', 'shard/mute', 'shard/broken'].map(
      (key) => `${path}: ${key}`,
    ),
  );
  expect(await readAll(source)).toEqual([
    {
      segments: [
        { modality: 'text', value: 'a long name' },
        { modality: 'image', value: 35 },
      ],
    },
    {
      segments: [
        { modality: 'text', value: expect.stringMatching(/^(cheese|kaas)$/) },
        { modality: 'image', value: 35 },
      ],
    },
    expect.stringContaining('shard/bare: has only .seg.gif, expected .gif, .png'),
    expect.stringContaining("shard/empty: 'shard/empty.gif': 0 bytes, no GIF"),
    expect.stringContaining("shard/mute: 'shard/mute.json' has no 'caption'"),
    expect.stringContaining("shard/broken: 'shard/broken.json' is not JSON"),
  ]);
});

it('joins shards', async () => {
  const source = await webDataset([goldenPath('gnu.tar'), goldenPath('pax.tar')], { modality });
  expect(source.name).toBe(`${goldenPath('gnu.tar')} and 1 more`);
  expect(source.length).toBe(12);
  expect(source.locate(6)).toContain('pax.tar');
  expect(await source.read(6, createRng(0))).toMatchObject({ segments: [{ value: 'a long name' }, {}] });
});

it('uses the samples before the damage, and reports it', async () => {
  const whole = (await indexTar(goldenPath('gnu.tar'))).members;
  const { start } = whole.find(({ name }) => name === 'shard/bare.seg.gif')!;
  const flipped = Uint8Array.from(gnu);
  flipped[start - 512] ^= 1;
  const folder = dataSetFolder({
    'in-data.tar': gnu.subarray(0, start + 10),
    'in-header.tar': gnu.subarray(0, start - 100),
    'no-end.tar': gnu.subarray(0, start - 512),
    'flipped.tar': flipped,
    'empty.tar': '',
    'text.tar': 'x'.repeat(2000),
    'zip.tar': Buffer.concat([Buffer.from([0x1f, 0x8b]), gnu]),
  });
  const names = ['in-data', 'in-header', 'no-end', 'flipped', 'empty', 'text', 'zip'];
  const paths = names.map((name) => join(folder, `${name}.tar`));
  const sources = await Promise.all(paths.map((path) => webDataset([path], { modality })));
  expect(sources.map(({ length }) => length)).toEqual([3, 3, 3, 3, 1, 1, 1]);
  const last = await Promise.all(sources.map(async (source) => (await readAll(source)).at(-1)));
  expect(last).toEqual(
    [
      `the archive is truncated at byte ${start + 10}, in 'shard/bare.seg.gif'. Download it again.`,
      `the archive is truncated at byte ${start - 100}. Download it again.`,
      `the archive is truncated at byte ${start - 512}. Download it again.`,
      `the archive has no valid tar header at byte ${start - 512}. Download it again.`,
      'the archive is empty. Download it again.',
      'the archive has no valid tar header at byte 0. Download it again.',
      'the archive is compressed. Unpack it with gunzip.',
    ].map((problem, i) => `${paths[i]}: ${problem}`),
  );
});

it('reads sizes that GNU writes as binary numbers, and skips over files larger than its buffer', async () => {
  const large = new Uint8Array(200_000).fill(0x61);
  const folder = dataSetFolder({
    'a.tar': Buffer.concat([
      header('a.png', large.length, 'binary'),
      padded(large),
      header('a.txt', 3),
      padded('cat'),
      new Uint8Array(1024),
    ]),
  });
  const source = await webDataset([join(folder, 'a.tar')], { modality: toyImage });
  expect(await readAll(source)).toEqual([
    {
      segments: [
        { modality: 'text', value: 'cat' },
        { modality: 'image', value: 'a'.repeat(200_000) },
      ],
    },
  ]);
});

it('throws for a shard that is missing', async () => {
  await expect(webDataset([], { modality })).rejects.toThrow('no files: found no records');
  await expect(webDataset(['none.tar'], { modality })).rejects.toMatchObject({ code: 'invalid-file' });
});

function header(name: string, size: number, form: 'octal' | 'binary' = 'octal', type = '0'): Uint8Array {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  if (form === 'octal') block.write(size.toString(8).padStart(11, '0'), 124);
  else {
    block[124] = 0x80;
    block.writeUInt32BE(size, 132);
  }
  block.write(`        ${type}`, 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function padded(data: string | Uint8Array): Uint8Array {
  const block = Buffer.alloc(Math.ceil(data.length / 512) * 512);
  block.set(Buffer.from(data));
  return block;
}

it.each(['-1536', '-1', '1e9', '0x10', '1.5', '', '99999999999999999999', 'NaN'])(
  'refuses the size %j in a pax header',
  async (size) => {
    const field = `size=${size}\n`;
    const pax = `${[1, 2].map((digits) => digits + 1 + field.length).find((n, i) => String(n).length === i + 1)!} ${field}`;
    const folder = dataSetFolder({
      'a.tar': Buffer.concat([
        header('a.txt', 2),
        padded('ok'),
        header('x', pax.length, 'octal', 'x'),
        padded(pax),
        header('b.txt', 1536),
        new Uint8Array(1024),
      ]),
    });
    const { members, problem } = await indexTar(`${folder}/a.tar`);
    expect(members.map(({ name }) => name)).toEqual(['a.txt']);
    expect(problem).toBe(
      `the archive has the size '${size}' in a pax header at byte 1024. Download it again.`,
    );
    await expect(openDocuments(`${folder}/a.tar`, [])).rejects.toThrow();
  },
);

it.each([
  '0.001 size=1\n',
  '1e99 path=x\n',
  '99999 path=x\n',
  '-5 path=x\n',
  'x',
  '4 a\n',
  '12 path=long',
  '9 path=a',
])('refuses the malformed pax header %j', async (pax) => {
  const folder = dataSetFolder({
    'a.tar': Buffer.concat([
      header('x', pax.length, 'octal', 'x'),
      padded(pax),
      header('b.txt', 0),
      new Uint8Array(1024),
    ]),
  });
  const message = 'the archive has a malformed pax header at byte 0. Download it again.';
  expect(await indexTar(`${folder}/a.tar`)).toEqual({ members: [], problem: message });
  await expect(openDocuments(`${folder}/a.tar`, [])).rejects.toMatchObject({
    code: 'invalid-file',
    message: `${folder}/a.tar: ${message}`,
  });
});
