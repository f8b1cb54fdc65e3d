/** A data set with every fault and every oddity that image files have, read with the real decoder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { createModalityRegistry, type DiscreteModality } from '@transfusion/modality';
import { decodeImage, image, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { dataSetFolder } from '../testing-internals/data-set-folder.js';
import { checkSource } from './check-source.js';
import { jsonlDocuments } from './jsonl-documents.js';

const red = { r: 250, g: 10, b: 20 };
const solid = (channels: 3 | 4 = 3) =>
  sharp({
    create: { width: 8, height: 4, channels, background: channels === 4 ? { ...red, alpha: 0 } : red },
  });
const noise = sharp(
  Uint8Array.from(createRng(1).uniforms(64 * 64 * 3), (value) => value * 256),
  { raw: { width: 64, height: 64, channels: 3 } },
);
const twoFrames = sharp(
  Buffer.concat([Buffer.alloc(12, Buffer.from([250, 10, 20])), Buffer.alloc(12, 255)]),
  {
    raw: { width: 2, height: 4, channels: 3, pageHeight: 2 },
  },
);

/** One bit a pixel, all zero: large to decode, small to keep. */
function blackPng(side: number): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  const rows = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))), { level: 1 });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const odd: Record<string, Buffer> = {
  'plain.png': await solid().png().toBuffer(),
  'palette.png': await solid().png({ palette: true }).toBuffer(),
  'deep.png': await solid().toColorspace('rgb16').png().toBuffer(),
  'turned.png': await solid().withMetadata({ orientation: 6 }).png().toBuffer(),
  'moving.gif': await twoFrames.clone().gif().toBuffer(),
  'moving.webp': await twoFrames.clone().webp({ lossless: true }).toBuffer(),
};
const clear = await solid(4).png().toBuffer();
const gray = await sharp(Buffer.alloc(6, 77), { raw: { width: 3, height: 2, channels: 1 } })
  .png()
  .toBuffer();
const cmyk = await solid().toColorspace('cmyk').jpeg({ quality: 100 }).toBuffer();
const pixel = await solid().resize(1, 1).png().toBuffer();
const wholePng = await noise.clone().png().toBuffer();
const wholeJpeg = await noise.clone().jpeg().toBuffer();

const bad: Record<string, Buffer> = {
  'cut.png': wholePng.subarray(0, 5000),
  'cut.jpg': wholeJpeg.subarray(0, 2000),
  'empty.png': Buffer.alloc(0),
  'text.png': Buffer.from('not an image'),
  'huge.png': blackPng(20_000),
};

const words: DiscreteModality<'text', string> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'text',
  vocabSize: 256,
  accepts: (value): value is string => typeof value === 'string',
  encode: (value) => Int32Array.from(Buffer.from(value)),
  decode: (ids) => Buffer.from(ids).toString(),
};

async function open(images: Record<string, Buffer>, additionalLines: readonly string[] = []) {
  const lines = Object.keys(images).map((name) =>
    JSON.stringify({ segments: [{ text: name }, { image: name }] }),
  );
  const folder = dataSetFolder({ ...images, 'a.jsonl': [...lines, ...additionalLines].join('\n') });
  mkdirSync(join(folder, 'x.png'));
  return jsonlDocuments(join(folder, 'a.jsonl'), {
    modalities: [{ name: 'image', media: { extensions: ['.png'], decode: decodeImage } }],
  });
}

async function imagesOf(files: Record<string, Buffer>): Promise<RgbImage[]> {
  const source = await open(files);
  const documents = await Promise.all(
    [...Array(source.length).keys()].map((i) => source.read(i, createRng(0))),
  );
  return documents.map(({ segments }) => segments[1].value as RgbImage);
}

it('reads odd images correctly', async () => {
  const images = await imagesOf(odd);
  for (const { data } of images) expect([...data.subarray(0, 3)]).toEqual([250, 10, 20]);
  expect(images.map(({ width, height }) => `${width}x${height}`)).toEqual([
    '8x4',
    '8x4',
    '8x4',
    '4x8',
    '2x2',
    '2x2',
  ]);
  const [overWhite, fromGray, one, fromCmyk] = await imagesOf({
    'c.png': clear,
    'g.png': gray,
    '1.png': pixel,
    'k.jpg': cmyk,
  });
  expect([...overWhite.data.subarray(0, 3)]).toEqual([255, 255, 255]);
  expect(fromGray).toEqual({ width: 3, height: 2, data: new Uint8Array(18).fill(77) });
  expect(one).toEqual({ width: 1, height: 1, data: Uint8Array.from([250, 10, 20]) });
  // CMYK has no such red; the nearest it has is still far from any other color.
  const [r, g, b] = fromCmyk.data;
  expect(r > 200 && g < 60 && b < 60).toBe(true);
});

it('skips bad records, and reports why and where', async () => {
  const additionalLines = [
    '{"segments": [{"image": "x.png"}]}',
    '{"segments": [{"image": "none-1.png"}]}',
    '{"segments": [{"image": "none-2.png"}]}',
    '{"segments": [{"image": "none-3.png"}]}',
    '{"segments": [{"text": 5}]}',
    '{"segments": [{"sound": "moo"}]}',
    '{',
  ];
  const source = await open({ ...odd, ...bad }, additionalLines);
  const progress: number[] = [];
  const before = process.memoryUsage().rss;
  const report = await checkSource(source, {
    modalities: createModalityRegistry(words, image()),
    examplesPerReason: 2,
    onProgress: (checked, total) => progress.push(checked / total),
  });
  // The large image alone would take 1.2 GB.
  expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  expect(report).toMatchObject({ documents: 6, skipped: 12, segments: { text: 6, image: 6 } });
  expect(report.reasons[0]).toEqual({
    reason: "there is no file '…'. Fix the path, or add the file.",
    count: 3,
    examples: [13, 14].map((line) =>
      expect.stringMatching(new RegExp(`a\\.jsonl:${line}: there is no file`)),
    ),
  });
  const expected: Record<number, RegExp> = {
    7: /'cut\.png': not a readable image/,
    8: /'cut\.jpg': not a readable image/,
    9: /'empty\.png': not a readable image \(the file is empty\)/,
    10: /'text\.png': not a readable image/,
    11: /'huge\.png': not a readable image \(.*pixel limit\)\. Shrink it, or raise maxPixels/,
    12: /'x\.png' is a folder/,
    16: /segment 0: the number is not a value of 'text'/,
    17: /segment 0: unknown modality 'sound', expected one of 'text', 'image'/,
    18: /the line is not JSON/,
  };
  const messages = report.reasons.flatMap(({ examples }) => examples);
  for (const [line, message] of Object.entries(expected)) {
    expect(messages.find((text) => text.includes(`a.jsonl:${line}: `))).toMatch(message);
  }
  expect(progress.at(-1)).toBe(1);
  expect(progress).toEqual([...progress].sort());
});

it('stops at a limit, and at the first bad record if strict', async () => {
  const source = await open({ ...odd, ...bad });
  expect(await checkSource(source, { limit: 5 })).toEqual({
    documents: 5,
    skipped: 0,
    reasons: [],
    segments: { text: 5, image: 5 },
  });
  await expect(checkSource(source, { strict: true })).rejects.toThrow(/a\.jsonl:7: 'cut\.png'/);
});

it('rethrows errors that are not about a record', async () => {
  const source = {
    name: 'a',
    length: 1,
    locate: () => 'a',
    read: () => Promise.reject(new Error('a bug')),
  };
  await expect(checkSource(source)).rejects.toThrow('a bug');
});
