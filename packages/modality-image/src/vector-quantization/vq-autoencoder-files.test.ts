import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { createRng, flattenParams, mapParams } from '@transfusion/nn';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readVqAutoencoder, writeVqAutoencoder } from './vq-autoencoder-files.js';
import { createVqAutoencoder } from './vq-autoencoder.js';

const config = { channels: [4, 8], latentChannels: 2, numBlocks: 1, codebookSize: 9 };
const autoencoder = createVqAutoencoder(config);

let folder: string;
beforeEach(async () => {
  await tf.setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'vq-autoencoder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (dtype?: 'float32' | 'float16') =>
  writeVqAutoencoder(folder, { autoencoder, params: autoencoder.init(createRng(1)) }, dtype);
const numbersOf = (params: ReturnType<typeof autoencoder.init>) =>
  Object.entries(flattenParams(params)).map(([path, tensor]) => [path, [...tensor.dataSync()]] as const);

it('round-trips exactly', async () => {
  await write('float32');
  const read = await readVqAutoencoder(folder);
  expect(read.autoencoder.config).toEqual(config);
  expect(numbersOf(read.params)).toEqual(numbersOf(autoencoder.init(createRng(1))));
});

it('round-trips to three digits at half the size', async () => {
  await write('float32');
  const { length: whole } = await readFile(join(folder, 'vq-autoencoder.safetensors'));
  await write();
  const { length: half } = await readFile(join(folder, 'vq-autoencoder.safetensors'));
  expect(half).toBeLessThan(0.7 * whole);
  const { params } = await readVqAutoencoder(folder);
  const originals = new Map(numbersOf(autoencoder.init(createRng(1))));
  for (const [path, values] of numbersOf(params)) {
    const original = originals.get(path)!;
    values.forEach((value, i) =>
      expect(Math.abs(value - original[i])).toBeLessThan(1e-3 * Math.abs(original[i]) + 1e-6),
    );
  }
});

it.each<[string, (info: Record<string, never>) => unknown, string]>([
  ['is not JSON', () => 'not JSON', ''],
  ['has a different version', (info) => ({ ...info, formatVersion: 2 }), 'formatVersion is 2, expected 1'],
  [
    'has no sizes',
    () => ({ formatVersion: 1 }),
    'config.channels is undefined, expected a list of 1 to 12 numbers',
  ],
  [
    'has no size of the codebook',
    () => ({ formatVersion: 1, config: { ...config, codebookSize: undefined } }),
    'config.codebookSize is undefined, expected a positive integer of at most 1048576',
  ],
  [
    'has an invalid patch size',
    () => ({ formatVersion: 1, config: { ...config, patchSize: '2' } }),
    'config.patchSize is "2", expected a positive integer of at most 16384',
  ],
  [
    'has an invalid size',
    () => ({ formatVersion: 1, config: { ...config, channels: [4, '8'] } }),
    'config.channels[1] is "8", expected a positive integer of at most 16384',
  ],
])('refuses a description that %s', async (_, change, message) => {
  await write();
  const path = join(folder, 'vq-autoencoder.json');
  const changed = change(JSON.parse(await readFile(path, 'utf8')) as Record<string, never>);
  await writeFile(path, typeof changed === 'string' ? changed : JSON.stringify(changed));
  const reading = readVqAutoencoder(folder);
  await expect(reading).rejects.toThrow(TransfusionError);
  await expect(reading).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(message === '' ? `${path}: ` : `${path}: ${message}.`),
  });
});

it('refuses weights of a different codebook', async () => {
  await write();
  const path = join(folder, 'vq-autoencoder.json');
  await writeFile(path, JSON.stringify({ formatVersion: 1, config: { ...config, codebookSize: 12 } }));
  await expect(readVqAutoencoder(folder)).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringContaining(
      `${join(folder, 'vq-autoencoder.safetensors')}: 'codebook' is float32 [9,2], expected float32 [12,2]`,
    ),
  });
});

it('refuses non-finite weights', async () => {
  const params = mapParams(autoencoder.init(createRng(1)), (tensor, path) =>
    path === 'codebook' ? tensor.mul(NaN) : tensor,
  );
  await writeVqAutoencoder(folder, { autoencoder, params });
  await expect(readVqAutoencoder(folder)).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringMatching(
      /vq-autoencoder\.safetensors: 'codebook' has NaN at 0, expected finite values/,
    ),
  });
});

it('refuses truncated weights, and an empty folder', async () => {
  const missing = join(folder, 'vq-autoencoder.json');
  await expect(readVqAutoencoder(folder)).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(missing),
  });
  await write();
  const path = join(folder, 'vq-autoencoder.safetensors');
  await writeFile(path, (await readFile(path)).subarray(0, -8));
  await expect(readVqAutoencoder(folder)).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(path),
  });
});
