import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { createModalityRegistry, encodeDocument, type LatentCodec } from '@transfusion/modality';
import { image, pixelCodec, type RgbImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng, readSafetensors, writeSafetensors, type StoredTensor } from '@transfusion/nn';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { DocumentSource } from '../document-source.js';
import { cacheLatents } from './cache-latents.js';
import { hashValue } from '../hash-value.js';

beforeAll(() => tf.setBackend('cpu'));

let encoded = 0;
let made = 0;
let shift = 0;
const pixels = pixelCodec([[2, 2, 3]]);
/** Counts what it encodes; refuses black images. */
const codecOf = (id: string): LatentCodec<RgbImage> => ({
  ...pixels,
  id,
  encode: async (images) => {
    if (images.some(({ data }) => data[0] === 0)) throw new TransfusionError('invalid-record', 'black');
    encoded += images.length;
    return pixels.encode(images);
  },
});
const modalityOf = (id: string) => image({ latentShapes: [[2, 2, 3]], patchSize: 2, codec: codecOf(id) });
const source: DocumentSource = {
  name: 'grays',
  length: 10,
  locate: (index) => `gray ${index}`,
  read: async (index, rng, { without } = {}) => {
    if (index === 4) throw new TransfusionError('invalid-record', 'gray 4: torn');
    if (without !== 'image') made++;
    const image = {
      width: 2,
      height: 2,
      data: new Uint8Array(12).fill(index === 7 ? 0 : index + 1 + shift),
    };
    const value = without === 'image' ? undefined : image;
    const pair = [
      { modality: 'text', value: `number ${rng.integer(100)}` },
      { modality: 'image', value },
    ];
    return { segments: index === 2 ? [...pair, { modality: 'image', value }] : pair };
  },
};

let directory: string;
beforeEach(async () => {
  [encoded, shift] = [0, 0];
  directory = await mkdtemp(join(tmpdir(), 'latents-'));
});
const open = (id = 'gray', changes: object = {}) =>
  cacheLatents(source, { modality: modalityOf(id), directory, shardSize: 4, batchSize: 3, ...changes });

test('stops when aborted, and continues after the complete files', async () => {
  const controller = new AbortController();
  const stopAt = (records: number) => (done: number) => {
    if (done >= records) controller.abort();
  };
  const { signal } = controller;
  const interrupted = open('gray', { signal, onProgress: stopAt(5) });
  expect(await interrupted.catch((reason: unknown) => reason === signal.reason)).toBe(true);
  const whole = ['latents-00000000.safetensors', 'latents-00000004.safetensors'];
  expect((await readdir(directory)).toSorted()).toEqual(['cache.json', ...whole]);
  const before = encoded;
  const cached = await open();
  expect(encoded).toBeGreaterThan(before);
  expect((await cached.read(9, createRng(0))).segments[1].value).toMatchObject({ kind: 'cached-latent' });
  await open();
  expect(await readdir(directory)).toHaveLength(4);
});

test('returns the latents of the codec, and computes them once', async () => {
  const modality = modalityOf('gray');
  const registry = createModalityRegistry(text(), modality);
  const progress: number[] = [];
  const cached = await open('gray', { onProgress: (done: number) => progress.push(done) });
  // Ten images; one record is torn, one has its image twice, one is black.
  expect(encoded).toBe(8);
  expect(progress.at(-1)).toBe(10);
  for (const index of [0, 2, 9]) {
    const expected = await encodeDocument(registry, await source.read(index, createRng(1)));
    encoded = 0;
    const found = await encodeDocument(registry, await cached.read(index, createRng(1)));
    expect(found).toEqual(expected);
    expect(encoded).toBe(0);
  }
  await open();
  expect(encoded).toBe(0);
  expect((await readdir(directory)).filter((name) => name.endsWith('.safetensors'))).toHaveLength(3);
});

test('keeps bad records', async () => {
  const cached = await open();
  await expect(cached.read(4, createRng(1))).rejects.toThrow('torn');
  // What the codec refused it refuses again, when somebody needs it.
  const { segments } = await cached.read(7, createRng(1));
  expect(segments[1].value).toMatchObject({ width: 2 });
});

test('decodes images again only if their latents are missing', async () => {
  const cached = await open();
  made = 0;
  for (const index of [0, 2, 9]) await cached.read(index, createRng(1));
  expect(made).toBe(0);
  await cached.read(7, createRng(1));
  expect(made).toBe(1);
});

test('continues where it was interrupted', async () => {
  await open();
  const files = (await readdir(directory)).filter((name) => name.endsWith('.safetensors')).sort();
  await rm(join(directory, files[1]));
  encoded = 0;
  await open();
  // Records 5 and 6: 4 is torn, 7 is black.
  expect(encoded).toBe(2);
});

test('refuses a cache of a different codec, of changed data, and damaged files', async () => {
  await open();
  await expect(open('other')).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringContaining('codec is "gray", expected "other". Delete the folder'),
  });
  await expect(open('gray', { shardSize: 5 })).rejects.toThrow('shardSize is 4, expected 5');
  shift = 1;
  await expect(open()).rejects.toThrow('gray 0 has changed since its latent was cached');
  shift = 0;
  const [shard] = (await readdir(directory)).filter((name) => name.endsWith('.safetensors')).sort();
  await truncate(join(directory, shard), 300);
  await expect(open()).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(shard),
  });
  await writeFile(join(directory, 'cache.json'), '{');
  await expect(open()).rejects.toThrow('cache.json');
  expect(await readFile(join(directory, 'cache.json'), 'utf8')).toBe('{');
});

test('refuses non-finite latents of a file, naming the file and the record', async () => {
  await open();
  const path = join(directory, 'latents-00000000.safetensors');
  const file = await readSafetensors(path);
  const spoilt: Record<string, StoredTensor> = {};
  for (const name of file.tensors.keys()) {
    const { data, ...tensor } = await file.read(name);
    spoilt[name] = { ...tensor, data: data.map(() => NaN) } as StoredTensor;
  }
  await file.close();
  await writeSafetensors(path, spoilt, { metadata: file.metadata });
  await expect(open()).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringMatching(/latents-00000000\.safetensors: '0\.0' has a non-finite element/),
  });
});

const cacheWith = (encode: LatentCodec<RgbImage>['encode']) => {
  const { codec, ...modality } = modalityOf('gray');
  const broken = { ...modality, codec: { ...codec, encode } };
  return cacheLatents(source, { modality: broken, directory, shardSize: 4 });
};

test('does not cache latents that are not finite: their records fail when they are read', async () => {
  const shaded = async (values: readonly RgbImage[]) =>
    (await pixels.encode(values)).map(({ shape, data }, i) => ({
      shape,
      data: values[i].data[0] === 1 ? data.map(() => NaN) : data,
    }));
  const cached = await cacheWith(shaded);
  expect((await cached.read(0, createRng(1))).segments[1].value).toMatchObject({ width: 2 });
  expect((await cached.read(1, createRng(1))).segments[1].value).toMatchObject({ kind: 'cached-latent' });
});

test('stops at a codec that breaks its contract, naming the record', async () => {
  await expect(cacheWith(async (values) => pixels.encode(values.slice(1)))).rejects.toMatchObject({
    code: 'invalid-plugin',
    message:
      "gray 3: codec.encode() of modality 'image' returned 3 latents, expected 4. Return one for each value, in order.",
  });
  await expect(cacheWith(() => Promise.reject(new Error('no weights')))).rejects.toThrow(
    "gray 0 to gray 3: codec.encode() of modality 'image' threw 'Error: no weights', expected a result.",
  );
});

test('refuses a cache when the data fingerprint has changed', async () => {
  const openWith = (dataHash: string) =>
    cacheLatents(
      { ...source, dataHash: async () => dataHash },
      { modality: modalityOf('gray'), directory, shardSize: 4 },
    );
  await openWith('first');
  encoded = 0;
  await openWith('first');
  expect(encoded).toBe(0);
  await expect(openWith('second')).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringContaining('data is "first", expected "second". Delete the folder'),
  });
});

test('an image keeps its latent after one in the same record that the codec refuses', async () => {
  const broken = { width: 2, height: 'broken' };
  const [, whole] = (await source.read(0, createRng(0))).segments;
  const pair: DocumentSource = {
    ...source,
    length: 1,
    read: async () => ({ segments: [{ ...whole, value: broken }, whole] }),
  };
  const cached = await cacheLatents(pair, { modality: modalityOf('gray'), directory });
  const { segments } = await cached.read(0, createRng(0));
  expect(segments[0].value).toBe(broken);
  expect(segments[1].value).toMatchObject({ kind: 'cached-latent' });
});

test('encoding a document refuses latents of a different codec', async () => {
  const cached = await open();
  const registry = createModalityRegistry(text(), modalityOf('other'));
  await expect(encodeDocument(registry, await cached.read(0, createRng(1)))).rejects.toThrow(
    "segment 1: the latent is from the codec 'gray', expected 'other'",
  );
});

test('hashes of different values differ', () => {
  const values = [
    1,
    '1',
    [1],
    { a: 1 },
    { a: '1' },
    Uint8Array.of(1),
    Int8Array.of(1),
    null,
    ['a', 'b'],
    ['ab'],
  ];
  expect(new Set(values.map(hashValue)).size).toBe(values.length);
  expect(hashValue({ data: Uint8Array.of(1, 2) })).toBe(hashValue({ data: Uint8Array.of(1, 2) }));
});
