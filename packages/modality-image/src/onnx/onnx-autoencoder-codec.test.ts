import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { continuousModalityChecks } from '@transfusion/modality/testing';
import { createRng } from '@transfusion/nn';
import { image } from '../image-modality.js';
import { averageToGrid } from '../preview/average-to-grid.js';
import { fitLatentPreview } from '../preview/fit-latent-preview.js';
import { writeLatentPreview } from '../preview/latent-preview-file.js';
import type { RgbImage } from '../rgb-image.js';
import golden from './golden/image.json' with { type: 'json' };
import { onnxAutoencoderCodec } from './onnx-autoencoder-codec.js';
import { HEIGHT, STABLE, WIDTH, writeTinyVae, type TinyVae } from './testing-internals/tiny-vae.js';

const latentShapes = [[HEIGHT, WIDTH, 4]];
let folder: string;

beforeAll(() => tf.setBackend('onnxruntime').then(() => undefined));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-autoencoder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An image of blocks of 2 × 2 pixels, which the tiny VAE gives back as they were. */
function blocks(seed: number, height = HEIGHT, width = WIDTH): RgbImage {
  const values = createRng(seed).uniforms(height * width * 3);
  const data = new Uint8Array(height * width * 12);
  for (let i = 0; i < data.length; i++) {
    const [y, x, channel] = [Math.floor(i / (width * 6)), Math.floor(i / 3) % (width * 2), i % 3];
    data[i] = values[(Math.floor(y / 2) * width + Math.floor(x / 2)) * 3 + channel] * 256;
  }
  return { width: width * 2, height: height * 2, data };
}

const pixel = (value: number): number => value / 127.5 - 1;

describe('an export of Hugging Face Optimum', () => {
  const exported = fileURLToPath(new URL('golden', import.meta.url));
  const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
  const { width, height } = golden;
  const image: RgbImage = { width, height, data: bytes(golden.image) };

  it('matches the latents and images of diffusers', async () => {
    const codec = await onnxAutoencoderCodec(exported, { latentShapes: [golden.latentShape] });
    const [latent] = await codec.encode([image]);
    expect(latent.shape).toEqual(golden.latentShape);
    const errors = golden.latent.map((value, i) => Math.abs(latent.data[i] - value));
    expect(Math.max(...errors)).toBeLessThan(1e-5);

    const [rebuilt] = await codec.decode([latent]);
    expect(rebuilt).toMatchObject({ width, height });
    const expected = bytes(golden.rebuilt);
    expect(Math.max(...rebuilt.data.map((value, i) => Math.abs(value - expected[i])))).toBeLessThanOrEqual(1);
  });

  it('encodes any number of images of several shapes, independently', async () => {
    const shapes = [golden.latentShape, [4, 4, 4]];
    const codec = await onnxAutoencoderCodec(exported, { latentShapes: shapes, batchSize: 2 });
    const images = [image, blocks(1, 4, 4), blocks(2, 8, 12), blocks(3, 4, 4), blocks(4, 8, 12)];
    const latents = await codec.encode(images);
    expect(latents.map(({ shape }) => shape)).toEqual([0, 1, 0, 1, 0].map((i) => shapes[i]));
    const decoded = await codec.decode(latents);
    for (const [i, one] of images.entries()) {
      const [latent] = await codec.encode([one]);
      latent.data.forEach((value, j) => expect(value).toBeCloseTo(latents[i].data[j], 5));
      const [alone] = await codec.decode([latent]);
      expect(Math.max(...alone.data.map((v, j) => Math.abs(v - decoded[i].data[j])))).toBeLessThanOrEqual(1);
    }
    expect(await codec.encode([])).toEqual([]);
  });
});

describe('a tiny VAE', () => {
  it.each(['latent_parameters', 'latent_sample'] as const)(
    'gives scaled means, from %s',
    async (encoderOutput) => {
      const config = { ...STABLE, scaling_factor: 0.25, shift_factor: 0.125 };
      writeTinyVae(folder, { encoderOutput, encoderConfig: config, decoderConfig: config });
      const codec = await onnxAutoencoderCodec(folder, { latentShapes });
      const image = blocks(1);
      const [{ shape, data }] = await codec.encode([image]);
      expect(shape).toEqual([HEIGHT, WIDTH, 4]);
      // The second position of the third row: pixels 2 and 3 of rows 4 and 5.
      const color = [0, 1, 2].map((c) => pixel(image.data[(4 * WIDTH * 2 + 2) * 3 + c]));
      const expected = [...color, (color[0] + color[1] + color[2]) / 2].map((mean) => (mean - 0.125) * 0.25);
      const start = (2 * WIDTH + 1) * 4;
      expected.forEach((value, channel) => expect(data[start + channel]).toBeCloseTo(value, 6));
      expect(await codec.decode([{ shape, data }])).toEqual([image]);
    },
  );

  it('scales per channel if configured', async () => {
    const config = { ...STABLE, scaling_factor: 1, latents_mean: [0.5, 0, 0, 0], latents_std: [1, 2, 1, 1] };
    writeTinyVae(folder, { encoderConfig: null, decoderConfig: config });
    const codec = await onnxAutoencoderCodec(folder, { latentShapes });
    const image = blocks(2);
    const latents = await codec.encode([image]);
    const [red, green, blue] = [...image.data].map(pixel);
    const expected = [red - 0.5, green / 2, blue, (red + green + blue) / 2];
    expected.forEach((value, channel) => expect(latents[0].data[channel]).toBeCloseTo(value, 6));
    expect(await codec.decode(latents)).toEqual([image]);
  });

  it('fills up a fixed batch', async () => {
    writeTinyVae(folder, { batch: 2 });
    const codec = await onnxAutoencoderCodec(folder, { latentShapes, batchSize: 5 });
    const images = [1, 2, 3].map((seed) => blocks(seed));
    const latents = await codec.encode(images);
    for (const [i, image] of images.entries()) {
      expect(await codec.encode([image])).toEqual([latents[i]]);
    }
    expect(await codec.decode(latents)).toEqual(images);
  });

  it('previews latents by a map in its folder, which its id does not depend on', async () => {
    writeTinyVae(folder);
    const without = await onnxAutoencoderCodec(folder, { latentShapes });
    expect(without.preview).toBeUndefined();
    const images = [1, 2, 3].map((seed) => blocks(seed));
    await writeLatentPreview(folder, await fitLatentPreview(without, images));
    const codec = await onnxAutoencoderCodec(folder, { latentShapes });
    expect(codec.id).toBe(without.id);
    const latents = await codec.encode(images);
    const previews = codec.preview!(latents);
    // The first three channels of the tiny VAE are the colors.
    previews.forEach(({ width, height, data }, i) => {
      expect([height, width]).toEqual([HEIGHT, WIDTH]);
      const expected = averageToGrid(images[i], latents[i].shape).data.map((value) => (value + 1) * 127.5);
      data.forEach((value, k) => expect(Math.abs(value - expected[k])).toBeLessThan(1));
    });
  });

  it.each([
    ['{', 'cannot be read'],
    ['{"formatVersion":2}', 'formatVersion is 2, expected 1'],
    ['{"formatVersion":1,"weights":[[1,2,3]]}', 'weights is not a list of 4 lists of 3 numbers'],
  ])('refuses the preview %s', async (text, message) => {
    writeTinyVae(folder);
    const path = join(folder, 'latent-preview.json');
    writeFileSync(path, text);
    await expect(onnxAutoencoderCodec(folder, { latentShapes })).rejects.toMatchObject({
      code: 'invalid-file',
      message: expect.stringContaining(`${path}: ${message}`),
    });
  });

  it('is a codec of an image modality', async () => {
    writeTinyVae(folder, { decoderConfig: null });
    const codec = await onnxAutoencoderCodec(folder, { latentShapes });
    const checks = continuousModalityChecks(image({ latentShapes, codec, patchSize: 2 }), {
      values: [blocks(1), blocks(2)],
      distance: ({ data }, decoded) => Math.max(...data.map((value, i) => Math.abs(value - decoded.data[i]))),
      tolerance: 0,
      foreignValues: ['an image'],
    });
    for (const { run } of checks) await run();
  });

  it('frees its networks, and has no config', async () => {
    writeTinyVae(folder);
    const codec = await onnxAutoencoderCodec(folder, { latentShapes });
    expect(codec.config).toBeUndefined();
    await codec.encode([blocks(1)]);
    codec.dispose!();
    await expect(codec.encode([blocks(1)])).rejects.toThrow();
  });

  it('has an id of files, config and shapes', async () => {
    const idOf = async (vae: TinyVae, shapes = latentShapes): Promise<string> => {
      writeTinyVae(folder, vae);
      return (await onnxAutoencoderCodec(folder, { latentShapes: shapes })).id;
    };
    const scaled = { ...STABLE, scaling_factor: 0.6 };
    const first = await idOf({});
    expect(await idOf({})).toBe(first);
    const others = [
      await idOf({ encoderWeight: 2 }),
      await idOf({ encoderConfig: scaled, decoderConfig: scaled }),
      await idOf({}, [...latentShapes, ...latentShapes]),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it('supports external weights, which the id depends on, too', async () => {
    writeTinyVae(folder, { externalData: true });
    const { id } = await onnxAutoencoderCodec(folder, { latentShapes });
    const path = join(folder, 'vae_encoder', 'model.onnx.data');
    const weights = new Float32Array(new Uint8Array(readFileSync(path)).buffer);
    writeFileSync(
      path,
      weights.map((weight) => 2 * weight),
    );
    const doubled = await onnxAutoencoderCodec(folder, { latentShapes });
    expect(doubled.id).not.toBe(id);
    const [{ data }] = await doubled.encode([blocks(1)]);
    expect(data[0]).toBeCloseTo(2 * STABLE.scaling_factor * pixel(blocks(1).data[0]), 6);
  });
});
