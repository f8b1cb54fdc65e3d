import type { PluginConfig } from '@transfusion/modality';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pixelCodec, pixelCodecFactory } from './pixel-codec.js';
import { isRgbImage, type RgbImage } from './rgb-image.js';

const solid = (width: number, height: number, color: number[]): RgbImage => ({
  width,
  height,
  data: Uint8Array.from(
    Array(width * height)
      .fill(color)
      .flat(),
  ),
});

it('round-trips every byte of an image that fits', async () => {
  const codec = pixelCodec([[4, 2, 3]]);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 24, maxLength: 24 }), async (data) => {
      const [latent] = await codec.encode([{ width: 2, height: 4, data }]);
      expect(await codec.decode([latent])).toEqual([{ width: 2, height: 4, data }]);
    }),
  );
});

it('maps to -1 to 1, and clips values outside', async () => {
  const codec = pixelCodec([[1, 1, 3]]);
  const [{ data }] = await codec.encode([solid(1, 1, [0, 255, 51])]);
  expect([...data].map((value) => value.toFixed(4))).toEqual(['-1.0000', '1.0000', '-0.6000']);
  const [image] = await codec.decode([{ shape: [1, 1, 3], data: Float32Array.of(-3, 1.5, 0) }]);
  expect([...image.data]).toEqual([0, 255, 128]);
});

it('previews a latent as the image that it decodes to', async () => {
  const codec = pixelCodec([[1, 2, 3]]);
  const latents = [{ shape: [1, 2, 3], data: Float32Array.of(-1, 0.2, 1, -3, 0, 0.5) }];
  expect(codec.preview!(latents)).toEqual(await codec.decode(latents));
});

it('uses the shape with the nearest aspect ratio', async () => {
  const codec = pixelCodec([
    [8, 8, 3],
    [4, 12, 3],
    [12, 4, 3],
  ]);
  const shapeOf = async (width: number, height: number) =>
    (await codec.encode([solid(width, height, [1, 2, 3])]))[0].shape.join();
  expect(await shapeOf(10, 9)).toBe('8,8,3');
  expect(await shapeOf(30, 10)).toBe('4,12,3');
  expect(await shapeOf(10, 300)).toBe('12,4,3');
  expect(await shapeOf(1, 1)).toBe('8,8,3');
});

it('uses the nearest of two sizes with the same aspect ratio', async () => {
  const codec = pixelCodec([
    [8, 16, 3],
    [4, 8, 3],
    [8, 8, 3],
  ]);
  const shapeOf = async (width: number, height: number) =>
    (await codec.encode([solid(width, height, [1, 2, 3])]))[0].shape.join();
  expect(await shapeOf(8, 4)).toBe('4,8,3');
  expect(await shapeOf(9, 5)).toBe('4,8,3');
  expect(await shapeOf(200, 100)).toBe('8,16,3');
  expect(await shapeOf(1, 1)).toBe('8,8,3');
});

it('crops as little as the shapes allow', async () => {
  const shapes = [
    [8, 8, 3],
    [8, 12, 3],
    [12, 8, 3],
  ];
  const codec = pixelCodec(shapes);
  const left = (width: number, height: number, [h, w]: readonly number[]): number =>
    Math.min(w / h, width / height) / Math.max(w / h, width / height);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), async (w, h) => {
      const [{ shape }] = await codec.encode([solid(w, h, [1, 2, 3])]);
      const most = Math.max(...shapes.map((other) => left(w, h, other)));
      expect(left(w, h, shape)).toBeCloseTo(most, 9);
    }),
    { numRuns: 40 },
  );
});

it('keeps a batch in order, each image in its shape', async () => {
  const codec = pixelCodec([
    [2, 2, 3],
    [2, 6, 3],
  ]);
  const colors = [
    [10, 20, 30],
    [200, 100, 50],
  ];
  const latents = await codec.encode([solid(5, 5, colors[0]), solid(60, 20, colors[1])]);
  const [square, wide] = await codec.decode(latents);
  expect([square, wide]).toEqual([solid(2, 2, colors[0]), solid(6, 2, colors[1])]);
  expect([square, wide].every(isRgbImage)).toBe(true);
});

it('includes the shapes in its id, because latents depend on them', () => {
  expect(pixelCodec([[8, 8, 3]]).id).not.toBe(pixelCodec([[8, 16, 3]]).id);
});

it.each([[[]], [[[8, 8]]], [[[8, 8, 4]]]])('refuses the shapes %j', (shapes) => {
  expect(() => pixelCodec(shapes)).toThrow('pixelCodec');
});

it.each([[undefined], [[]], [[null]], [[[8, 8]]], [[[8, 0, 3]]], ['8x8']])(
  'refuses to be rebuilt with the shapes %j',
  (latentShapes) => {
    const assets = { read: (name: string) => Promise.reject(new Error(`no ${name}`)) };
    const config = { type: 'pixels', latentShapes } as PluginConfig;
    expect(() => pixelCodecFactory().create(config, assets)).toThrow(
      `pixel codec: config.latentShapes is ${JSON.stringify(latentShapes)}, expected at least one [h, w, 3].`,
    );
  },
);
