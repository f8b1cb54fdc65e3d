import { expect, expectTypeOf, it, vi } from 'vitest';
import { decodeDocument, decodeDocuments } from './decode-document.js';
import { encodeDocument, type EncodedDocument } from './encode-document.js';
import { createModalityRegistry, type ModalityRegistry } from './registry.js';
import { letters, strips } from './testing-internals/toy-modalities.js';

const registry = createModalityRegistry(letters('text'), strips('strip'));

it('inverts encodeDocument, in order', async () => {
  const segments = [
    { modality: 'strip', value: [1, 2, 3, 4] },
    { modality: 'text', value: 'abc' },
    { modality: 'strip', value: [1, 2, 3, 4, 5, 6] },
  ];
  expect(await decodeDocument(registry, await encodeDocument(registry, { segments }))).toEqual(segments);
  expect(await decodeDocument(registry, [])).toEqual([]);
});

it('decodes the latents of several documents together', async () => {
  const strip = strips('strip');
  const decode = vi.fn((latents: Parameters<typeof strip.codec.decode>[0]) => strip.codec.decode(latents));
  const both = createModalityRegistry(letters('text'), { ...strip, codec: { ...strip.codec, decode } });
  const documents = [
    [
      { modality: 'strip', value: [1, 2, 3, 4] },
      { modality: 'text', value: 'a' },
    ],
    [],
    [{ modality: 'strip', value: [1, 2, 3, 4, 5, 6] }],
  ];
  const encoded = await Promise.all(documents.map((segments) => encodeDocument(both, { segments })));
  expect(await decodeDocuments(both, encoded)).toEqual(documents);
  expect(decode).toHaveBeenCalledOnce();
});

it('is typed by the registry', async () => {
  const [segment] = await decodeDocument(registry, [{ modality: 'text', ids: Int32Array.of(0) }]);
  if (segment.modality === 'text') expectTypeOf(segment.value).toEqualTypeOf<string>();
  else expectTypeOf(segment.value).toEqualTypeOf<readonly number[]>();
  const [any] = await decodeDocument(registry as unknown as ModalityRegistry, [
    { modality: 'text', ids: Int32Array.of(1) },
  ]);
  expectTypeOf(any.value).toEqualTypeOf<unknown>();
  expect([segment.value, any.value]).toEqual(['a', 'b']);
});

const latent = { shape: [5], data: new Float32Array(5) };
it.each<[EncodedDocument, string]>([
  [[{ modality: 'image', latent }], "unknown modality 'image', expected one of 'text', 'strip'."],
  [[{ modality: 'strip', latent }], "segment 0: the latent has the shape 5, expected one of 'strip': 4, 6."],
  [[{ modality: 'text', latent }], "segment 0: found a latent of 'text', expected ids."],
  [[{ modality: 'strip', ids: Int32Array.of(1) }], "segment 0: found ids of 'strip', expected a latent."],
])('refuses %j', async (document, message) => {
  await expect(decodeDocument(registry, document)).rejects.toThrow(message);
});
