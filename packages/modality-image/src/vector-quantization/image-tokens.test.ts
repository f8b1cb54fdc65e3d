import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { TransfusionError } from '@transfusion/errors';
import {
  createModalityRegistry,
  decodeDocument,
  encodeDocument,
  type DiscreteModality,
  type PluginConfig,
} from '@transfusion/modality';
import { discreteModalityChecks } from '@transfusion/modality/testing';
import { createRng, mapParams } from '@transfusion/nn';
import { beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { RgbImage } from '../rgb-image.js';
import { imageTokens, imageTokensFactory, type ImageTokens } from './image-tokens.js';
import { lookUpCodes, nearestCodes } from './vector-quantizer.js';
import { createVqAutoencoder } from './vq-autoencoder.js';

await tf.setBackend('cpu');
const autoencoder = createVqAutoencoder({
  channels: [4, 8],
  latentChannels: 2,
  numBlocks: 1,
  codebookSize: 9,
});
const params = autoencoder.init(createRng(1));
const gridSize = [2, 3] as const;
const modality = await imageTokens({ autoencoder, params, gridSize });

const noise = (width: number, height: number, seed = width): RgbImage => {
  const values = createRng(seed).uniforms(width * height * 3);
  return { width, height, data: Uint8Array.from(values, (value) => value * 256) };
};
const ids = Int32Array.of(3, 0, 8, 1, 1, 7);

/** Decodes ids with the plain functions, to bytes. */
const decoded = (of: Int32Array): number[] =>
  tf.tidy(() => {
    const codes = lookUpCodes(params.codebook, tf.tensor3d(of, [1, 2, 3], 'int32')) as tf.Tensor4D;
    const numbers = [...autoencoder.decode(params, codes).dataSync()];
    return numbers.map((value) => Math.min(255, Math.max(0, Math.round((value + 1) * 127.5))));
  });
/** Bytes of an image of 6 x 4 pixels, by the grid's place that they belong to. */
const placeOf = (byte: number): number => {
  const [y, x] = [Math.floor(byte / 18), Math.floor((byte % 18) / 3)];
  return Math.floor(y / 2) * 3 + Math.floor(x / 2);
};
const near = (found: Uint8Array, expected: readonly number[]): boolean =>
  found.length === expected.length && found.every((byte, i) => Math.abs(byte - expected[i]) <= 1);

const rebuild = (config: unknown, files: Readonly<Record<string, Uint8Array>>) => {
  const { create } = imageTokensFactory();
  const assets = { read: async (name: string) => files[name] };
  return create(JSON.parse(JSON.stringify(config)) as PluginConfig, assets, 'sketch') as Promise<ImageTokens>;
};

it.each([undefined, [2], [2, 0], ['2', '3']])('refuses to be rebuilt with a grid of %j', async (gridSize) => {
  await expect(rebuild({ type: 'image-tokens', gridSize }, {})).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(`sketch: config.gridSize is ${JSON.stringify(gridSize)}, expected two`),
  });
});

it('frees its weights if it cannot be rebuilt', async () => {
  const files = await modality.assets();
  const before = tf.memory().numTensors;
  const read = vi.spyOn(tf.backend(), 'read').mockRejectedValueOnce(new Error('the device is gone'));
  await expect(rebuild(modality.config, files)).rejects.toThrow('the device is gone');
  read.mockRestore();
  expect(tf.memory().numTensors).toBe(before);
});

it('is a discrete modality with as many ids as codebook entries', () => {
  expectTypeOf(modality).toExtend<DiscreteModality<'image', RgbImage>>();
  expect(modality).toMatchObject({
    specificationVersion: 'v1',
    kind: 'discrete',
    name: 'image',
    vocabSize: 9,
    gridSize: [2, 3],
    tokensPerValue: 6,
    config: { type: 'image-tokens', gridSize: [2, 3] },
  });
  expect(modality.id).toMatch(/^vq 2x3 [0-9a-f]{16}$/);
});

it('has an id that changes with the codebook, any weight, and the grid', async () => {
  const moved = (path: string) =>
    mapParams(params, (tensor, at) => (at === path ? tensor.add(1e-3) : tensor));
  const others: ImageTokens[] = [
    await imageTokens({ autoencoder, params: moved('codebook'), gridSize }),
    await imageTokens({ autoencoder, params: moved('decoder.out.bias'), gridSize }),
    await imageTokens({ autoencoder, params, gridSize: [3, 2] }),
  ];
  expect(new Set([modality, ...others].map(({ id }) => id)).size).toBe(4);
  const again = await imageTokens({ autoencoder, params: autoencoder.init(createRng(1)), gridSize });
  expect(again.id).toBe(modality.id);
});

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  const checks = discreteModalityChecks(modality, {
    values: [noise(6, 4), noise(30, 20), noise(7, 50), noise(1, 1)],
    foreignValues: ['an image', { width: 1, height: 1, data: new Uint8Array(4) }],
    // Nobody trained it: images come back in their size. That a trained one comes near them is the training's test.
    equal: (_, { width, height }) => width === 6 && height === 4,
    factory: imageTokensFactory(),
  });
  it.each(checks.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run());

  it('encodes to the nearest entries, row by row', async () => {
    const image = noise(6, 4);
    const expected = tf.tidy(() => {
      const images = tf.tensor4d(
        Array.from(image.data, (byte) => byte / 127.5 - 1),
        [1, 4, 6, 3],
      );
      return [...nearestCodes(params.codebook, autoencoder.encode(params, images)).dataSync()];
    });
    expect([...(await modality.encode(image))]).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(1);
  });

  it('returns the same ids for the same image, even if they were modified', async () => {
    const image = noise(6, 4);
    const first = await modality.encode(image);
    const kept = [...first];
    first.fill(0);
    // Were it encoded again, these pixels would give other ids.
    image.data.fill(0);
    expect([...(await modality.encode(image))]).toEqual(kept);
  });

  it('decodes like the plain functions', async () => {
    const { width, height, data } = await modality.decode(ids);
    expect([width, height]).toEqual([6, 4]);
    expect(near(data, decoded(ids))).toBe(true);
  });

  it('is rebuilt from its config and files, as JSON and bytes', async () => {
    const before = tf.memory().numTensors;
    const files = await modality.assets();
    expect(Object.keys(files)).toEqual(['vq-autoencoder.json', 'vq-autoencoder.safetensors']);
    const rebuilt = await rebuild(modality.config, files);
    expect(rebuilt).toMatchObject({ name: 'sketch', id: modality.id, vocabSize: 9, tokensPerValue: 6 });
    expect(await rebuilt.encode(noise(8, 8))).toEqual(await modality.encode(noise(8, 8)));
    expect(await rebuilt.decode(ids)).toEqual(await modality.decode(ids));
    rebuilt.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('uses the first ids if there are too many', async () => {
    const more = Int32Array.of(...ids, 2, 2, 2);
    expect(await modality.decode(more)).toEqual(await modality.decode(ids));
  });

  it.each([0, 1, 4, 5])('leaves the rest gray if there are only %i ids', async (count) => {
    const { data } = await modality.decode(ids.slice(0, count));
    const filled = Int32Array.from(ids, (id, place) => (place < count ? id : 0));
    const expected = decoded(filled).map((byte, i) => (placeOf(i) < count ? byte : 128));
    expect(near(data, expected)).toBe(true);
  });

  it.each([-1, 9])('refuses the id %i', async (id) => {
    const decoding = modality.decode(Int32Array.of(0, id));
    await expect(decoding).rejects.toThrow(TransfusionError);
    await expect(decoding).rejects.toMatchObject({
      code: 'mismatch',
      message: `image: the id is ${id}, expected 0 to 8. Decode with the codebook of the model that generated it.`,
    });
  });

  it('round-trips documents, and leaks no tensors', async () => {
    const registry = createModalityRegistry(modality);
    const document = { segments: [{ modality: 'image', value: noise(12, 8) }] };
    await decodeDocument(registry, await encodeDocument(registry, document));
    const before = tf.memory().numTensors;
    const encoded = await encodeDocument(registry, document);
    expect(encoded).toMatchObject([{ modality: 'image', ids: { length: 6 } }]);
    const [{ value }] = await decodeDocument(registry, encoded);
    expect(value).toMatchObject({ width: 6, height: 4 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

it.each([[[0, 2]], [[2, 1.5]]])('refuses a grid of %j', async (grid) => {
  const made = imageTokens({ autoencoder, params, gridSize: grid as [number, number] });
  await expect(made).rejects.toThrow(`imageTokens: gridSize is [${grid.join(', ')}], expected two positive`);
});
