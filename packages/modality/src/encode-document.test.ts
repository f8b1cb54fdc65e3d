import { expect, it, vi } from 'vitest';
import { encodeDocument, encodeDocuments } from './encode-document.js';
import { createModalityRegistry } from './registry.js';
import { letters, strips } from './testing-internals/toy-modalities.js';

const strip = strips('strip');
const registry = createModalityRegistry(letters('text'), strip);
const encode = (modality: string, value: unknown) =>
  encodeDocument(registry, { segments: [{ modality, value }] });

it('encodes values to ids and latents, in order', async () => {
  const document = {
    segments: [
      { modality: 'strip', value: [1, 2, 3, 4] },
      { modality: 'text', value: 'abc' },
    ],
  };
  expect(await encodeDocument(registry, document)).toEqual([
    { modality: 'strip', latent: { shape: [4], data: Float32Array.of(1, 2, 3, 4) } },
    { modality: 'text', ids: Int32Array.of(0, 1, 2) },
  ]);
  expect(await encodeDocument(registry, { segments: [] })).toEqual([]);
});

it('encodes the values of several documents together, once all are checked', async () => {
  const encodeValues = vi.fn((values: readonly (readonly number[])[]) => strip.codec.encode(values));
  const both = createModalityRegistry(letters('text'), {
    ...strip,
    codec: { ...strip.codec, encode: encodeValues },
  });
  const documents = [
    {
      segments: [
        { modality: 'strip', value: [1, 2, 3, 4] },
        { modality: 'text', value: 'a' },
      ],
    },
    { segments: [] },
    { segments: [{ modality: 'strip', value: [1, 2, 3, 4, 5, 6] }] },
  ];
  expect(await encodeDocuments(both, documents)).toEqual(
    await Promise.all(documents.map((document) => encodeDocument(registry, document))),
  );
  expect(encodeValues).toHaveBeenCalledOnce();
  await expect(
    encodeDocuments(both, [...documents, { segments: [{ modality: 'strip', value: 'x' }] }]),
  ).rejects.toThrow('document 3, segment 0: found the string "x"');
  await expect(
    encodeDocuments(both, [{ segments: [{ modality: 'strip', value: 'x' }] }], 16),
  ).rejects.toThrow('document 16, segment 0: found the string "x"');
  expect(encodeValues).toHaveBeenCalledOnce();
});

it('keeps trainable: false for tokens, and refuses it for latents', async () => {
  const encodeUntrained = (modality: string, value: unknown) =>
    encodeDocument(registry, { segments: [{ modality, value, trainable: false }] });
  expect(await encodeUntrained('text', 'ab')).toEqual([
    { modality: 'text', ids: Int32Array.of(0, 1), trainable: false },
  ]);
  const trained = { modality: 'text', value: 'ab', trainable: true };
  expect(await encodeDocument(registry, { segments: [trained] })).toEqual([
    { modality: 'text', ids: Int32Array.of(0, 1) },
  ]);
  await expect(encodeUntrained('strip', [1, 2, 3, 4])).rejects.toThrow(
    "segment 0: has 'trainable: false', but 'strip' is a continuous modality, expected a discrete one. " +
      'Remove trainable.',
  );
});

it.each([
  [
    'text',
    null,
    "segment 0: found null, expected a value of 'text'. Fix the value, or use another modality.",
  ],
  ['text', 5, 'found the number 5'],
  ['text', undefined, 'found undefined'],
  ['text', [1], 'found an instance of Array'],
  ['strip', 'abc', 'found the string "abc"'],
  ['image', 'abc', "unknown modality 'image', expected one of 'text', 'strip'."],
])('refuses for %s the value %s', async (modality, value, message) => {
  await expect(encode(modality, value)).rejects.toThrow(message);
});
