import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { TransfusionError } from '@transfusion/errors';
import type { PluginConfig } from '@transfusion/modality';
import { createRng, flattenParams, mapParams } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { pixelCodec } from '../pixel-codec.js';
import { previewLatents } from '../preview/latent-preview.js';
import type { RgbImage } from '../rgb-image.js';
import {
  autoencoderCodec,
  autoencoderCodecFactory,
  type AutoencoderCodecOptions,
} from './autoencoder-codec.js';
import { readAutoencoder, writeAutoencoder } from './autoencoder-files.js';
import { createAutoencoder } from './autoencoder.js';

const autoencoder = createAutoencoder({ channels: [4, 8], latentChannels: 2, numBlocks: 1 });
const latentShapes = [
  [4, 4, 2],
  [2, 6, 2],
];
const statistics = { mean: [0.5, -2], stddev: [0.25, 3] };
const preview = {
  weights: [
    [0.5, 0.25, -1],
    [0, 0.125, 2],
  ],
  bias: [0.1, 0, -0.2],
};
const options = (): AutoencoderCodecOptions => ({
  autoencoder,
  params: autoencoder.init(createRng(1)),
  latentShapes,
  statistics,
});

const noise = (width: number, height: number, seed: number): RgbImage => {
  const values = createRng(seed).uniforms(width * height * 3);
  return { width, height, data: Uint8Array.from(values, (value) => value * 256) };
};
/** Of both shapes, in turn; more than go through the network together. */
const images = Array.from({ length: 37 }, (_, i) => (i % 3 === 0 ? noise(12, 4, i) : noise(8, 8, i)));
const batchOfOne = (data: Float32Array, [h, w, C]: readonly number[]): tf.Tensor4D =>
  tf.tensor4d(data, [1, h, w, C]);
const far = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it('encodes like the plain functions, normalized to mean 0 and standard deviation 1', async () => {
    const made = options();
    const codec = await autoencoderCodec(made);
    const latents = await codec.encode(images);
    const pixels = await pixelCodec(latentShapes.map(([h, w]) => [2 * h, 2 * w, 3])).encode(images);
    expect(latents).toHaveLength(images.length);
    latents.forEach(({ shape, data }, i) => {
      expect(shape).toEqual(latentShapes[i % 3 === 0 ? 1 : 0]);
      const raw = tf.tidy(() => {
        const input = batchOfOne(pixels[i].data, pixels[i].shape);
        return autoencoder.encode(made.params, input).mean.dataSync();
      });
      const expected = raw.map((value, k) => (value - statistics.mean[k % 2]) / statistics.stddev[k % 2]);
      expect(far(data, expected), `image ${i}`).toBeLessThan(1e-4);
    });
  });

  it('decodes like the plain functions, from mean 0 and standard deviation 1', async () => {
    const made = options();
    const codec = await autoencoderCodec(made);
    const latents = images.map((_, i) => {
      const shape = latentShapes[i % 3 === 0 ? 1 : 0];
      return { shape, data: createRng(100 + i).normals(shape[0] * shape[1] * 2) };
    });
    const decoded = await codec.decode(latents);
    expect(decoded).toHaveLength(latents.length);
    decoded.forEach(({ width, height, data }, i) => {
      const { shape } = latents[i];
      expect([height, width]).toEqual([2 * shape[0], 2 * shape[1]]);
      const raw = latents[i].data.map(
        (value, k) => value * statistics.stddev[k % 2] + statistics.mean[k % 2],
      );
      const numbers = tf.tidy(() => autoencoder.decode(made.params, batchOfOne(raw, shape)).dataSync());
      const expected = numbers.map((value) => Math.min(255, Math.max(0, (value + 1) * 127.5)));
      // A byte is the nearest integer.
      expect(far(data, expected), `image ${i}`).toBeLessThan(0.502);
    });
    const bytes = decoded.flatMap(({ data }) => [...data]);
    expect(new Set(bytes).size).toBeGreaterThan(100);
  });

  it('returns nothing for nothing, and leaks no tensors', async () => {
    const codec = await autoencoderCodec(options());
    expect(await codec.encode([])).toEqual([]);
    expect(await codec.decode([])).toEqual([]);
    const round = async (): Promise<number> => {
      await codec.decode(await codec.encode(images));
      return tf.memory().numTensors;
    };
    expect(await round()).toBe(await round());
  });

  it.each(['float32', 'float16'] as const)(
    'is rebuilt from its config and files, as JSON and bytes, from %s weights',
    async (dtype) => {
      const folder = await mkdtemp(join(tmpdir(), 'codec-'));
      await writeAutoencoder(folder, { ...options(), preview }, dtype);
      const codec = await autoencoderCodec({ ...(await readAutoencoder(folder)), latentShapes });
      const files = await codec.assets();
      expect(Object.keys(files)).toEqual(['autoencoder.json', 'autoencoder.safetensors']);
      for (const [name, bytes] of Object.entries(files)) {
        if (dtype === 'float16') expect(bytes).toEqual(await readFile(join(folder, name)));
      }
      await rm(folder, { recursive: true });

      const latents = await codec.encode(images);
      const decoded = await codec.decode(latents);
      const before = tf.memory().numTensors;
      const rebuilt = await rebuild(codec.config, files);
      expect(rebuilt.id).toBe(codec.id);
      expect(rebuilt.config).toEqual(codec.config);
      expect(await rebuilt.encode(images)).toEqual(latents);
      expect(await rebuilt.decode(latents)).toEqual(decoded);
      expect(rebuilt.preview!(latents)).toEqual(previewLatents(preview, latents));
      rebuilt.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

const rebuild = async (config: unknown, files: Readonly<Record<string, Uint8Array>>) =>
  autoencoderCodecFactory().create(JSON.parse(JSON.stringify(config)) as PluginConfig, {
    read: async (name) => {
      if (files[name] === undefined) throw new TransfusionError('invalid-file', `there is no ${name}`);
      return files[name];
    },
  });

describe('an invalid checkpoint', () => {
  it.each<[string, object, Readonly<Record<string, string | null>>, string]>([
    [
      'has no shapes',
      { latentShapes: undefined },
      {},
      'config.latentShapes is undefined, expected at least one [h, w, C]',
    ],
    ['has other channels', { latentShapes: [[4, 4, 3]] }, {}, '4x4x3 has 3 channels, expected 2'],
    ['has no files', {}, { 'autoencoder.json': null }, 'there is no autoencoder.json'],
    ['has a damaged file', {}, { 'autoencoder.json': '{' }, 'autoencoder.json: '],
    [
      'has no weights',
      {},
      { 'autoencoder.safetensors': '' },
      'autoencoder.safetensors: has 0 bytes, expected at least ',
    ],
  ])('%s, and leaks no tensors', async (_, config, changed, message) => {
    await tf.setBackend('cpu');
    const codec = await autoencoderCodec(options());
    const bytes = Object.entries(changed).map(([name, text]) => [
      name,
      text === null ? undefined : Buffer.from(text),
    ]);
    const files = { ...(await codec.assets()), ...Object.fromEntries(bytes) } as Record<string, Uint8Array>;
    const before = tf.memory().numTensors;
    await expect(rebuild({ ...codec.config, ...config }, files)).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('its id', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('is the same for the same weights', async () => {
    const [first, second] = [await autoencoderCodec(options()), await autoencoderCodec(options())];
    expect(second.id).toBe(first.id);
    expect(first.id).toMatch(/^autoencoder [0-9a-f]{16}$/);
  });

  it('does not depend on the preview', async () => {
    const [without, previewing] = [
      await autoencoderCodec(options()),
      await autoencoderCodec({ ...options(), preview }),
    ];
    expect(previewing.id).toBe(without.id);
    expect(previewing.preview).toBeDefined();
    expect('preview' in without).toBe(false);
  });

  it('changes with any weight, the statistics, and the shapes', async () => {
    const { params, ...rest } = options();
    const ids = new Set([(await autoencoderCodec({ params, ...rest })).id]);
    const paths = Object.keys(flattenParams(params));
    for (const changed of paths) {
      const moved = mapParams(params, (tensor, path) => {
        if (path !== changed) return tensor;
        const data = tensor.dataSync<'float32'>().slice();
        data[data.length - 1] += 1e-3;
        return tf.tensor(data, tensor.shape);
      });
      ids.add((await autoencoderCodec({ params: moved, ...rest })).id);
    }
    const variants = [
      { statistics: { ...statistics, mean: [0.5, -2.001] } },
      { statistics: { ...statistics, stddev: [0.25, 3.001] } },
      { latentShapes: latentShapes.slice(0, 1) },
      { latentShapes: [...latentShapes].reverse() },
    ];
    for (const variant of variants) ids.add((await autoencoderCodec({ params, ...rest, ...variant })).id);
    expect(ids.size).toBe(1 + paths.length + variants.length);
  });
});

it.each([
  [
    {
      latentShapes: [
        [4, 4, 2],
        [4, 4, 3],
      ],
    },
    'the latent shape 4x4x3 has 3 channels, expected 2',
  ],
  [{ statistics: { mean: [0], stddev: [1, 1] } }, 'statistics.mean has 1 channels, expected 2'],
  [{ statistics: { mean: [0, 0], stddev: [1, 1, 1] } }, 'statistics.stddev has 3 channels, expected 2'],
  [{ preview: { weights: [[1, 1, 1]], bias: [0, 0, 0] } }, 'preview.weights has 1 channels, expected 2'],
])('refuses %j', async (variant, message) => {
  const made = autoencoderCodec({ ...options(), ...variant });
  await expect(made).rejects.toThrow(TransfusionError);
  await expect(made).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining(message) });
});
