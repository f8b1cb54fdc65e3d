import { createRng } from '@transfusion/nn';
import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { imageMedia } from './image-media.js';
import type { RgbImage } from './rgb-image.js';

const noise = (width: number, height: number): RgbImage => {
  const values = createRng(width).uniforms(width * height * 3);
  return { width, height, data: Uint8Array.from(values, (value) => value * 256) };
};

describe('imageMedia', () => {
  it('writes PNG and reads it exactly', async () => {
    const bytes = await imageMedia().encode(noise(5, 3));
    expect((await sharp(bytes).metadata()).format).toBe('png');
    expect(await imageMedia().decode(bytes)).toEqual(noise(5, 3));
  });

  it('reads all file types that it lists', async () => {
    const { width, height, data } = noise(4, 4);
    const image = sharp(data, { raw: { width, height, channels: 3 } });
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>';
    for (const extension of imageMedia().extensions) {
      const format = extension.slice(1) as 'png';
      const bytes =
        extension === '.svg' ? new TextEncoder().encode(svg) : await image.toFormat(format).toBuffer();
      expect(await imageMedia().decode(bytes), extension).toMatchObject({ width, height });
    }
  });

  it('decodes with options', async () => {
    const bytes = await imageMedia().encode(noise(8, 16));
    expect(await imageMedia({ minSide: 4 }).decode(bytes)).toMatchObject({ width: 4, height: 8 });
  });

  it('shows images in a grid', async () => {
    const sheet = await imageMedia().sheet!([noise(4, 4), noise(2, 4), noise(4, 4)]);
    expect(sheet).toMatchObject({ mediaType: 'image/png', extension: '.png' });
    expect(await imageMedia().decode(sheet.bytes)).toMatchObject({ width: 10, height: 10 });
  });
});
