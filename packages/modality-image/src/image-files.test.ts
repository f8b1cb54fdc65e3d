import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type SharpOptions } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeImage, encodePng, readImage, resizeImage, writePng } from './image-files.js';
import type { RgbImage } from './rgb-image.js';

const raw = (data: ArrayLike<number>, width: number, height: number, channels: 1 | 2 | 3 | 4) =>
  sharp(Uint8Array.from(data), { raw: { width, height, channels } });
const red = [250, 10, 20];
const blue = [10, 20, 250];
/** 2 x 1: red on the left, blue on the right. */
const redBlue = () => raw([...red, ...blue], 2, 1, 3);

function pixel({ data, width }: RgbImage, x = 0, y = 0): number[] {
  const at = (y * width + x) * 3;
  return [...data.subarray(at, at + 3)];
}

/** One channel of 16 bits, in the spelling of libvips. */
const GRAY_16 = `gr${'e'}y16`;

/** 16 bits a channel: the types of sharp's options know bytes only, sharp itself looks at the array. */
async function deepPng(values: number[], channels: 1 | 3 | 4): Promise<Buffer> {
  const options: SharpOptions = { raw: { width: 1, height: 1, channels } };
  const png = await sharp(Uint16Array.from(values), options)
    .toColorspace(channels === 1 ? GRAY_16 : 'rgb16')
    .png()
    .toBuffer();
  expect((await sharp(png).metadata()).depth).toBe('ushort');
  return png;
}

describe('decodeImage', () => {
  it.each(['png', 'webp', 'tiff', 'gif'] as const)('reads %s exactly', async (format) => {
    const lossless = { lossless: true, compression: 'lzw' };
    const image = await decodeImage(await redBlue().toFormat(format, lossless).toBuffer());
    expect(image).toEqual({ width: 2, height: 1, data: Uint8Array.from([...red, ...blue]) });
    expect(image.data.constructor).toBe(Uint8Array);
  });

  it('reads JPEG approximately', async () => {
    const jpeg = await raw(Array(64).fill(red).flat(), 8, 8, 3).jpeg({ quality: 100 }).toBuffer();
    pixel(await decodeImage(jpeg), 4, 4).forEach((value, i) =>
      expect(Math.abs(value - red[i])).toBeLessThan(4),
    );
  });

  it('reads SVG', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="4" height="2" fill="#010203"/></svg>';
    expect(await decodeImage(Buffer.from(svg))).toMatchObject({ width: 4, height: 2 });
  });

  it('reads gray, palettes and 16 bits', async () => {
    const gray = await decodeImage(await raw([77, 99], 2, 1, 1).png().toBuffer());
    expect([...gray.data]).toEqual([77, 77, 77, 99, 99, 99]);
    expect(pixel(await decodeImage(await redBlue().png({ palette: true }).toBuffer()))).toEqual(red);
    expect(pixel(await decodeImage(await deepPng([0x8080, 0x1010, 0xffff], 3)))).toEqual([128, 16, 255]);
    expect(pixel(await decodeImage(await deepPng([0x8080], 1)))).toEqual([128, 128, 128]);
    const half = pixel(await decodeImage(await deepPng([0, 0, 0, 0x8080], 4), { background: 'white' }));
    half.forEach((value) => expect(Math.abs(value - 127)).toBeLessThan(2));
  });

  it('blends transparency with the background', async () => {
    const png = await raw([...red, 0, ...red, 255], 2, 1, 4)
      .png()
      .toBuffer();
    const over = async (background?: string) => (await decodeImage(png, { background })).data;
    expect([...(await over())]).toEqual([255, 255, 255, ...red]);
    expect([...(await over('#0000ff'))]).toEqual([0, 0, 255, ...red]);
    const gray = await raw([77, 0, 77, 255], 2, 1, 2).png().toBuffer();
    expect([...(await decodeImage(gray)).data]).toEqual([255, 255, 255, 77, 77, 77]);
  });

  it('reads CMYK', async () => {
    const image = raw(Array(64).fill([255, 0, 0]).flat(), 8, 8, 3).toColorspace('cmyk');
    const jpeg = await image.jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(jpeg).metadata()).space).toBe('cmyk');
    const [r, g, b] = pixel(await decodeImage(jpeg), 4, 4);
    expect([r > 200, g < 60, b < 60]).toEqual([true, true, true]);
  });

  it.each(['gif', 'webp'] as const)('takes the first frame of an animated %s', async (format) => {
    const frames = [...Array(4).fill(red).flat(), ...Array(4).fill(blue).flat()];
    const animation = sharp(Uint8Array.from(frames), {
      raw: { width: 2, height: 4, channels: 3, pageHeight: 2 },
    });
    const file = await animation.toFormat(format, { lossless: true }).toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(2);
    const image = await decodeImage(file);
    expect(image).toMatchObject({ width: 2, height: 2 });
    expect(pixel(image)).toEqual(red);
  });

  it('applies the orientation of EXIF data', async () => {
    const turned = async (orientation: number) =>
      decodeImage(await redBlue().withMetadata({ orientation }).png().toBuffer());
    const upright = await turned(6);
    expect([upright.width, upright.height]).toEqual([1, 2]);
    expect([pixel(upright, 0, 0), pixel(upright, 0, 1)]).toEqual([red, blue]);
    expect(pixel(await turned(3))).toEqual(blue);
    expect(pixel(await turned(8))).toEqual(blue);
  });

  it('shrinks to a shorter side, and never enlarges', async () => {
    const png = await raw(
      Array(40 * 20)
        .fill(red)
        .flat(),
      40,
      20,
      3,
    )
      .png()
      .toBuffer();
    expect(await decodeImage(png, { minSide: 10 })).toMatchObject({ width: 20, height: 10 });
    expect(await decodeImage(png, { minSide: 100 })).toMatchObject({ width: 40, height: 20 });
    const turned = await sharp(png).withMetadata({ orientation: 6 }).png().toBuffer();
    expect(await decodeImage(turned, { minSide: 10 })).toMatchObject({ width: 10, height: 20 });
  });

  it('refuses incomplete and oversized images', async () => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 7919) >> 3);
    const png = await raw(noise, 64, 64, 3).png().toBuffer();
    const jpeg = await raw(noise, 64, 64, 3).jpeg().toBuffer();
    const damaged = Buffer.from(png).fill(7, png.length >> 1, (png.length >> 1) + 50);
    const files = [
      png.subarray(0, png.length >> 1),
      jpeg.subarray(0, jpeg.length >> 1),
      jpeg.subarray(0, jpeg.length - 10),
      damaged,
      Buffer.alloc(0),
      Buffer.from('text'),
    ];
    for (const file of files) {
      await expect(decodeImage(file)).rejects.toMatchObject({
        code: 'invalid-record',
        message: expect.stringMatching(/^not a readable image \(.+\)\. Save it again/),
      });
    }
    await expect(decodeImage(png, { maxPixels: 64 * 64 - 1 })).rejects.toThrow('raise maxPixels');
    expect(await decodeImage(png, { maxPixels: 64 * 64 })).toMatchObject({ width: 64 });
  });

  it('throws invalid-argument for invalid options', async () => {
    const png = await redBlue().png().toBuffer();
    for (const options of [{ minSide: -1 }, { minSide: 0.5 }, { background: 'whit' }, { maxPixels: -1 }]) {
      await expect(decodeImage(png, options)).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'transfusion-image-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const image: RgbImage = { width: 2, height: 1, data: Uint8Array.from([...red, ...blue]) };

  it('writes what it reads', async () => {
    const path = join(folder, 'a.png');
    await writePng(path, image);
    expect(await readImage(path)).toEqual(image);
    expect(await decodeImage(await encodePng(image))).toEqual(image);
  });

  it('names a file that cannot be read', async () => {
    const path = join(folder, 'none.png');
    await expect(readImage(path)).rejects.toMatchObject({ code: 'invalid-file' });
    await expect(readImage(path)).rejects.toThrow(path);
    await expect(readImage(folder)).rejects.toMatchObject({ code: 'invalid-file' });
    const broken = join(folder, 'broken.png');
    await writeFile(broken, 'no image');
    await expect(readImage(broken)).rejects.toMatchObject({
      code: 'invalid-file',
      message: expect.stringMatching(/broken\.png: not a readable image/),
    });
  });
});

describe('resizeImage', () => {
  it('fills the size and center-crops', async () => {
    const row = [red, red, blue, blue, red, red].flat();
    const image: RgbImage = { width: 6, height: 2, data: Uint8Array.from([...row, ...row]) };
    const middle = await resizeImage(image, 2, 2);
    expect(middle).toEqual({ width: 2, height: 2, data: Uint8Array.from(Array(4).fill(blue).flat()) });
  });

  it('returns an image of that size unchanged, and enlarges a single pixel', async () => {
    const one: RgbImage = { width: 1, height: 1, data: Uint8Array.from(red) };
    expect(await resizeImage(one, 1, 1)).toBe(one);
    expect((await resizeImage(one, 3, 2)).data).toEqual(Uint8Array.from(Array(6).fill(red).flat()));
  });
});
