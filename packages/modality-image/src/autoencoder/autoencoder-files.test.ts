import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { createRng, flattenParams, mapParams } from '@transfusion/nn';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readAutoencoder, writeAutoencoder } from './autoencoder-files.js';
import { createAutoencoder } from './autoencoder.js';

const config = { patchSize: 2, channels: [4, 8], latentChannels: 2, numBlocks: 1 };
const autoencoder = createAutoencoder(config);
const statistics = { mean: [0.5, -1], stddev: [1, 2] };

let folder: string;
beforeEach(async () => {
  await tf.setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'autoencoder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const preview = {
  weights: [
    [0.5, 0.25, -1],
    [0, 1e-3, 2],
  ],
  bias: [0.1, 0, -0.2],
};

const write = (params = autoencoder.init(createRng(1))) =>
  writeAutoencoder(folder, { autoencoder, params, statistics, preview }, 'float32');
const numbersOf = (params: ReturnType<typeof autoencoder.init>) =>
  Object.entries(flattenParams(params)).map(([path, tensor]) => [path, [...tensor.dataSync()]]);

it('round-trips exactly', async () => {
  await write();
  const read = await readAutoencoder(folder);
  expect(read.autoencoder.config).toEqual(config);
  expect(read.statistics).toEqual(statistics);
  expect(read.preview).toEqual(preview);
  expect(numbersOf(read.params)).toEqual(numbersOf(autoencoder.init(createRng(1))));
});

const info = { formatVersion: 1, config, statistics };

it('reads files without a preview', async () => {
  await write();
  await writeFile(join(folder, 'autoencoder.json'), JSON.stringify(info));
  const read = await readAutoencoder(folder);
  expect(read).toMatchObject({ statistics });
  expect(read.preview).toBeUndefined();
});

it.each<[string, unknown, string]>([
  ['has a different version', { ...info, formatVersion: 2 }, 'formatVersion is 2, expected 1'],
  ['is empty', {}, 'formatVersion is undefined, expected 1'],
  ['has no sizes', { formatVersion: 1 }, 'config.channels is undefined, expected a list'],
  [
    'has no channels',
    { ...info, config: { ...config, channels: [] } },
    'config.channels is [], expected a list',
  ],
  [
    'has a missing size',
    { ...info, config: { ...config, numBlocks: undefined } },
    'config.numBlocks is undefined, expected',
  ],
  [
    'has a size as text',
    { ...info, config: { ...config, patchSize: '2' } },
    'config.patchSize is "2", expected a',
  ],
  [
    'has more blocks than any network',
    { ...info, config: { ...config, numBlocks: 1_000_000 } },
    'config.numBlocks is 1000000, expected a positive integer of at most 64',
  ],
  [
    'has more channels than any network',
    { ...info, config: { ...config, channels: [4, 1e9] } },
    'config.channels[1] is 1000000000, expected a positive integer of at most 16384',
  ],
  ['has no statistics', { formatVersion: 1, config }, 'statistics.mean is not a list of 2 numbers'],
  [
    'has a deviation of nothing',
    { ...info, statistics: { mean: [0, 0], stddev: [1, 0] } },
    'statistics.stddev is not a list of 2 positive numbers',
  ],
  [
    'has an empty preview',
    { ...info, preview: null },
    'preview.weights is not a list of 2 lists of 3 numbers',
  ],
  [
    'has a preview of other latents',
    { ...info, preview: { ...preview, weights: [[1, 2, 3]] } },
    'preview.weights is not a list of 2 lists of 3 numbers',
  ],
  [
    'has a preview of two colors',
    { ...info, preview: { ...preview, bias: [1, 2] } },
    'preview.bias is not a list of 3 numbers',
  ],
])('refuses a description that %s', async (_, changed, message) => {
  await write();
  const path = join(folder, 'autoencoder.json');
  await writeFile(path, JSON.stringify(changed));
  await expect(readAutoencoder(folder)).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(`${path}: ${message}`),
  });
});

it('refuses weights that are non-finite, truncated, or of other sizes', async () => {
  const path = join(folder, 'autoencoder.safetensors');
  await write(
    mapParams(autoencoder.init(createRng(1)), (tensor, name) =>
      name === 'encoder.in.bias' ? tensor.add(Infinity) : tensor,
    ),
  );
  await expect(readAutoencoder(folder)).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(`${path}: 'encoder.in.bias' has Infinity at 0, expected finite values`),
  });
  await write();
  await writeFile(path, (await readFile(path)).subarray(0, -8));
  await expect(readAutoencoder(folder)).rejects.toThrow(path);
  await write();
  await writeFile(
    join(folder, 'autoencoder.json'),
    JSON.stringify({ ...info, config: { ...config, channels: [4, 12] } }),
  );
  await expect(readAutoencoder(folder)).rejects.toMatchObject({ code: 'mismatch' });
});

it.each<[string, object]>([
  [
    'the largest of all sizes',
    { patchSize: 16_384, channels: Array(12).fill(16_384), latentChannels: 2, numBlocks: 64 },
  ],
  ['one large size', { ...config, channels: [4, 16_384] }],
  ['large patches', { ...config, patchSize: 16_384 }],
  ['many blocks', { ...config, channels: [64, 64], numBlocks: 64 }],
])(
  'refuses a config of more parameters than the file holds, before they take memory: %s',
  async (_, changed) => {
    await write();
    const path = join(folder, 'autoencoder.json');
    await writeFile(path, JSON.stringify({ ...info, config: changed }));
    const { numTensors } = tf.memory();
    const start = performance.now();
    await expect(readAutoencoder(folder)).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringMatching(
        /autoencoder\.safetensors: has \d+ bytes, expected at least \S+ for the config of autoencoder\.json/,
      ),
    });
    expect(performance.now() - start).toBeLessThan(500);
    expect(tf.memory().numTensors).toBe(numTensors);
  },
);

it.each([
  'null',
  '1',
  '"x"',
  '[]',
  '{"formatVersion":1,"config":3}',
  '{"formatVersion":1,"config":{"channels":{}}}',
  '{',
])('refuses a description that is %s', async (text) => {
  await write();
  const path = join(folder, 'autoencoder.json');
  await writeFile(path, text);
  await expect(readAutoencoder(folder)).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringMatching(/autoencoder\.json: (formatVersion is|config\.channels is|is not JSON)/),
  });
});
