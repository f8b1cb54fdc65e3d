import type { LatentCodec } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { expect, it } from 'vitest';
import { pixelCodec } from '../pixel-codec.js';
import type { RgbImage } from '../rgb-image.js';
import { fitLatentPreview } from './fit-latent-preview.js';
import { previewLatents } from './latent-preview.js';

const noise = (seed: number): RgbImage => ({
  width: 6,
  height: 4,
  data: Uint8Array.from(createRng(seed).uniforms(6 * 4 * 3), (value) => value * 256),
});

/** Latents [4, 6, 4]: blue, the difference of red and green, green, and 1. */
const pixels = pixelCodec([[4, 6, 3]]);
const mixing: Pick<LatentCodec<RgbImage>, 'encode' | 'decode'> = {
  encode: async (images) =>
    (await pixels.encode(images)).map(({ data }) => ({
      shape: [4, 6, 4],
      data: Float32Array.from({ length: 96 }, (_, i) => {
        const [r, g, b] = data.subarray(Math.floor(i / 4) * 3);
        return [b, r - g, g, 1][i % 4];
      }),
    })),
  decode: async (latents) =>
    pixels.decode(
      latents.map(({ data }) => ({
        shape: [4, 6, 3],
        data: Float32Array.from({ length: 72 }, (_, i) => {
          const [b, difference, g] = data.subarray(Math.floor(i / 3) * 4);
          return [difference + g, g, b][i % 3];
        }),
      })),
    ),
};

it('fits the map of a linear codec, in batches', async () => {
  const images = Array.from({ length: 20 }, (_, seed) => noise(seed));
  const preview = await fitLatentPreview(mixing, images);
  expect(JSON.parse(JSON.stringify(preview))).toEqual(preview);
  const others = [noise(100), noise(101)];
  expect(previewLatents(preview, await mixing.encode(others))).toEqual(others);
});

it('clips colors', () => {
  const latent = { shape: [1, 2, 1], data: Float32Array.of(-10, 10) };
  const [image] = previewLatents({ weights: [[1, -1, 0]], bias: [0, 0, 0.2] }, [latent]);
  expect(image).toEqual({ width: 2, height: 1, data: Uint8Array.of(0, 255, 153, 255, 0, 153) });
});

it('refuses to fit without images, and latents of other channels', async () => {
  await expect(fitLatentPreview(pixels, [])).rejects.toMatchObject({ code: 'invalid-argument' });
  const latent = { shape: [2, 2, 4], data: new Float32Array(16) };
  expect(() => previewLatents({ weights: [[1, 1, 1]], bias: [0, 0, 0] }, [latent])).toThrow(
    'previewLatents: the latent has the shape 2x2x4, expected [h, w, 1]',
  );
});
