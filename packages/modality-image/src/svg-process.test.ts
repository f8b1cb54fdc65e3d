/** SVG images that keep the renderer busy are refused in time; others come out the same from both processes. */
import { gzipSync } from 'node:zlib';
import { TransfusionError } from '@transfusion/errors';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './image-files.js';
import { isPlainSvg, isSvg } from './svg-process.js';

const svg = (side: number, body: string): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${side}" height="${side}">${body}</svg>`,
  );
const filtered = (primitives: string): string =>
  `<filter id="f">${primitives}</filter><rect width="2000" height="2000" filter="url(#f)"/>`;
const turbulence = '<feTurbulence baseFrequency="0.9" numOctaves="1000"/>'.repeat(20);
/** Each group draws the one before `width` times. */
const nested = (levels: number, width: number): string => {
  const group = (level: number): string =>
    `<g id="g${level}">${`<use xlink:href="#g${level - 1}"/>`.repeat(width)}</g>`;
  const groups = Array.from({ length: levels }, (_, level) => group(level + 1)).join('');
  return `<g id="g0"><rect width="9" height="9" opacity="0.5"/></g><defs>${groups}</defs><use xlink:href="#g${levels}"/>`;
};
const shapes = (side: number): string =>
  `<rect width="${side}" height="${side}" fill="teal" fill-opacity="0.1"/>`.repeat(3000);

describe('an SVG that takes too long is refused in time', () => {
  it.each<[string, Buffer]>([
    ['turbulence', svg(2000, filtered(turbulence))],
    ['turbulence, compressed', gzipSync(svg(2000, filtered(turbulence)))],
    ['the filter behind a byte order mark', Buffer.from(`\ufeff${svg(2000, filtered(turbulence))}`)],
    ['morphology of a large radius', svg(4000, filtered('<feMorphology radius="200"/>'.repeat(9)))],
    ['references to references', svg(3000, nested(5, 12))],
    ['many large shapes', svg(9000, shapes(9000))],
  ])('%s', async (_, bytes) => {
    const start = performance.now();
    const error: unknown = await decodeImage(bytes, { maxSeconds: 0.2 }).catch((reason: unknown) => reason);
    expect(performance.now() - start).toBeLessThan(3000);
    expect(error).toSatisfy(TransfusionError.isInstance);
    expect(error).toMatchObject({
      code: 'invalid-record',
      message:
        'not a readable image (drawing this SVG takes more than 0.2 s of CPU time: filters, patterns or references). Save it as PNG, or leave it out.',
    });
  });

  it('and the next one is drawn', async () => {
    expect(await decodeImage(svg(4, filtered('<feOffset/>')))).toMatchObject({ width: 4, height: 4 });
  });
});

it('is not refused because this process is busy', async () => {
  const image = decodeImage(svg(4, filtered('<feOffset/>')), { maxSeconds: 0.3 });
  // The task is sent after a turn of the event loop.
  await new Promise((resolve) => setTimeout(resolve, 5));
  const end = performance.now() + 1000;
  while (performance.now() < end);
  expect(await image).toMatchObject({ width: 4, height: 4 });
});

it('costly constructs are drawn as plain ones are', async () => {
  const body = '<circle cx="20" cy="20" r="17" fill="tomato"/>';
  const options = { minSide: 24, background: 'navy' };
  const plain = svg(40, body);
  const costly = svg(40, `<defs><g id="a">${body}</g></defs><use xlink:href="#a"/>`);
  expect([isPlainSvg(plain), isPlainSvg(costly)]).toEqual([true, false]);
  const images = await Promise.all([plain, costly, costly].map((bytes) => decodeImage(bytes, options)));
  expect(images[1]).toEqual(images[0]);
  expect(images[2]).toEqual(images[0]);
  expect(images[0].width).toBe(24);
});

it.each<[string, Buffer, string]>([
  ['of more pixels than allowed', svg(20_000, ''), 'pixel limit'],
  ['of more pixels than allowed, with a filter', svg(20_000, filtered('<feOffset/>')), 'pixel limit'],
  ['of absurd sizes', svg(1e30, ''), 'not a readable image'],
  ['that is cut off', svg(40, filtered('<feOffset/>')).subarray(0, 150), 'not a readable image'],
  ['compressed that is none', gzipSync('text'), 'not a readable image'],
])('an SVG %s is refused', async (_, bytes, message) => {
  await expect(decodeImage(bytes)).rejects.toMatchObject({
    code: 'invalid-record',
    message: expect.stringContaining(message),
  });
});

it('knows SVG by its first bytes', () => {
  expect([svg(1, ''), gzipSync('x'), Buffer.from('<?xml version="1.0"?><!-- x --><svg/>')].every(isSvg)).toBe(
    true,
  );
  expect([Buffer.from('\x89PNG'), Buffer.from('text'), Buffer.alloc(0)].some(isSvg)).toBe(false);
});
