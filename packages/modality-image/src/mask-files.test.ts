import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodeMask, encodePng } from './index.js';

/** A file of 2 × 1 pixels with these alphas. */
const withAlphas = (...alphas: [number, number]) =>
  sharp(Uint8Array.from(alphas.flatMap((alpha) => [10, 20, 30, alpha])), {
    raw: { width: 2, height: 1, channels: 4 },
  });

it.each([
  ['PNG', () => withAlphas(0, 255).png().toBuffer()],
  ['WebP', () => withAlphas(0, 255).webp({ lossless: true }).toBuffer()],
])('masks the transparent pixels of a %s', async (_, file) => {
  expect(await decodeMask(await file())).toEqual({ width: 2, height: 1, data: Uint8Array.of(255, 0) });
});

it('masks pixels that are more than half transparent', async () => {
  const { data } = await decodeMask(await withAlphas(127, 128).png().toBuffer());
  expect([...data].map((value) => value >= 128)).toEqual([true, false]);
});

it('reads sixteen bits, and gray with alpha', async () => {
  const deep = await withAlphas(0, 255).toColorspace('rgb16').png().toBuffer();
  expect((await sharp(deep).metadata()).depth).toBe('ushort');
  expect((await decodeMask(deep)).data).toEqual(Uint8Array.of(255, 0));
  const gray = await withAlphas(255, 0).toColorspace('b-w').png().toBuffer();
  expect((await decodeMask(gray)).data).toEqual(Uint8Array.of(0, 255));
});

it('turns as the image does', async () => {
  const turned = await withAlphas(0, 255).withMetadata({ orientation: 6 }).png().toBuffer();
  expect(await decodeMask(turned)).toEqual({ width: 1, height: 2, data: Uint8Array.of(255, 0) });
});

it('refuses what is no mask', async () => {
  const opaque = await encodePng({ width: 1, height: 1, data: new Uint8Array(3) });
  await expect(decodeMask(opaque)).rejects.toThrow('it has no alpha channel');
  await expect(decodeMask(Uint8Array.of(1, 2))).rejects.toMatchObject({ code: 'invalid-record' });
  await expect(decodeMask(new TextEncoder().encode('<svg/>'))).rejects.toThrow('it is an SVG');
  const two = await withAlphas(0, 0).png().toBuffer();
  await expect(decodeMask(two, { maxPixels: 1 })).rejects.toThrow('pixel limit');
  await expect(decodeMask(two.subarray(0, 60))).rejects.toThrow('not a readable mask');
});
