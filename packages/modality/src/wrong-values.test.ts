/** For each mistake of a function that encodes or decodes: segment, modality, function, found and expected are named. */
import { TransfusionError } from '@transfusion/errors';
import { describe, expect, it } from 'vitest';
import { decodeDocuments } from './decode-document.js';
import { encodeDocument, encodeDocuments, type EncodedDocument } from './encode-document.js';
import type { DiscreteModality, LatentCodec } from './modality.js';
import { createModalityRegistry } from './registry.js';
import { letters, strips } from './testing-internals/toy-modalities.js';
import { fails } from './testing-internals/wrong-plugin.js';

const strip = strips('strip');
const text = letters('text');
const withText = (changes: Partial<DiscreteModality<'text', string>>) =>
  createModalityRegistry({ ...text, ...changes }, strip);
const withCodec = (changes: Partial<LatentCodec<readonly number[]>>) =>
  createModalityRegistry(text, { ...strip, codec: { ...strip.codec, ...changes } });
const rejects = (error: Error) => () => Promise.reject(error);
const black = new TransfusionError('invalid-record', 'black');
const latent = (length: number, value = 0) => ({ shape: [4], data: new Float32Array(length).fill(value) });

const documents = ['a', 'b'].map((value) => ({
  segments: [
    { modality: 'text', value },
    { modality: 'strip', value: [1, 2, 3, 4] },
  ],
}));
const ENCODE = "segment 1: codec.encode() of modality 'strip'";

describe('encoding a document fails for', () => {
  it.each([
    [
      'accepts that throws',
      withText({ accepts: fails('no regex') as never }),
      'invalid-plugin',
      "segment 0: accepts() of modality 'text' threw 'Error: no regex', expected a result. Its stack is in the error's cause.",
    ],
    [
      'encode that throws',
      withText({ encode: fails('no tokenizer') }),
      'invalid-plugin',
      "segment 0: encode() of modality 'text' threw 'Error: no tokenizer', expected a result. Its stack is in the error's cause.",
    ],
    [
      'encode that rejects for the value',
      withText({ encode: rejects(black) }),
      'invalid-record',
      "segment 0: encode() of modality 'text': black",
    ],
    [
      'ids in an array',
      withText({ encode: (value) => [...text.encode(value)] as unknown as Int32Array }),
      'invalid-plugin',
      "segment 0: encode() of modality 'text' returned an instance of Array, expected an Int32Array of ids. Return Int32Array.from(ids).",
    ],
    [
      'an id that is not in the vocabulary',
      withText({ encode: () => Int32Array.of(0, -1) }),
      'invalid-plugin',
      "segment 0: encode() of modality 'text' returned the id -1, expected ids from 0 to 25 (vocabSize - 1). Correct encode(), or vocabSize.",
    ],
    [
      'too few ids',
      withText({ tokensPerValue: 3 }),
      'invalid-plugin',
      "segment 0: encode() of modality 'text' returned 1 ids, expected 3 (tokensPerValue). Correct encode(), or leave tokensPerValue out.",
    ],
    [
      'a codec that throws',
      withCodec({ encode: fails('no weights') }),
      'invalid-plugin',
      `${ENCODE} threw 'Error: no weights', expected a result. Its stack is in the error's cause.`,
    ],
    [
      'a codec that rejects for no reason',
      withCodec({ encode: rejects(undefined as never) }),
      'invalid-plugin',
      `${ENCODE} threw 'undefined', expected a result. Its stack is in the error's cause.`,
    ],
    [
      'a codec that rejects for the value',
      withCodec({ encode: rejects(black) }),
      'invalid-record',
      `${ENCODE}: black`,
    ],
    [
      'a codec that returns nothing',
      withCodec({ encode: async () => undefined as never }),
      'invalid-plugin',
      `${ENCODE} returned undefined, expected an array of 1 latents. Return one for each value, in order.`,
    ],
    [
      'too many latents',
      withCodec({ encode: async () => [latent(4), latent(4)] }),
      'invalid-plugin',
      `${ENCODE} returned 2 latents, expected 1. Return one for each value, in order.`,
    ],
    [
      'no latent',
      withCodec({ encode: async () => [undefined as never] }),
      'invalid-plugin',
      `${ENCODE} returned undefined, expected a latent. Return { shape, data: Float32Array }.`,
    ],
    [
      'a latent of another type',
      withCodec({ encode: async () => [{ shape: [4], data: new Float64Array(4) as never }] }),
      'invalid-plugin',
      `${ENCODE} returned a latent with data of an instance of Float64Array, expected a latent. Return { shape, data: Float32Array }.`,
    ],
    [
      'a latent of another length',
      withCodec({ encode: async () => [latent(3)] }),
      'invalid-plugin',
      `${ENCODE} returned a latent of 3 elements, expected 4 for [4]. Correct its shape, or its data.`,
    ],
    [
      'a latent of another shape',
      withCodec({ encode: async () => [{ shape: [5], data: new Float32Array(5) }] }),
      'mismatch',
      `${ENCODE}: the latent has the shape 5, expected one of 'strip': 4, 6. Add the shape to latentShapes, or load the matching codec.`,
    ],
    [
      'a latent that is not finite',
      withCodec({ encode: async () => [latent(4, Infinity)] }),
      'invalid-record',
      `${ENCODE} returned Infinity at 0 of the latent, expected finite numbers. Correct the value, or the codec.`,
    ],
  ])('%s', async (_, registry, code, message) => {
    await expect(encodeDocument(registry, documents[0])).rejects.toMatchObject({ code, message });
  });

  it('too few latents of several documents, naming the first that has none', async () => {
    const registry = withCodec({ encode: async (values) => values.slice(1).map(() => latent(4)) });
    await expect(encodeDocuments(registry, documents, 2)).rejects.toThrow(
      "document 3, segment 1: codec.encode() of modality 'strip' returned 1 latents, expected 2. Return one for each value, in order.",
    );
  });

  it('several documents together, naming the first and the last', async () => {
    const cause = new Error('no weights');
    await expect(encodeDocuments(withCodec({ encode: rejects(cause) }), documents)).rejects.toMatchObject({
      message: expect.stringMatching(
        "^document 0, segment 1 to document 1, segment 1: codec.encode\\(\\) of modality 'strip' threw 'Error: no weights'",
      ),
      cause,
    });
  });
});

it('an abort stays what it is', async () => {
  const { signal } = ((controller) => (controller.abort(), controller))(new AbortController());
  const encode = () => Promise.reject(signal.reason as Error);
  const aborted = encodeDocument(withCodec({ encode }), documents[0]);
  await expect(aborted.catch((error: unknown) => error === signal.reason)).resolves.toBe(true);
});

describe('decoding documents fails for', () => {
  const encoded: EncodedDocument = [
    { modality: 'text', ids: Int32Array.of(0) },
    { modality: 'strip', latent: latent(4) },
  ];
  const DECODE = "segment 1: codec.decode() of modality 'strip'";
  it.each([
    [
      'decode that throws',
      withText({ decode: fails('half a word') }),
      'invalid-plugin',
      "document 0, segment 0: decode() of modality 'text' threw 'Error: half a word', expected a result. Its stack is in the error's cause.",
    ],
    [
      'decode that returns nothing',
      withText({ decode: async () => undefined as never }),
      'invalid-plugin',
      "document 0, segment 0: decode() of modality 'text' returned undefined, expected a value. Return one for all that can be generated.",
    ],
    [
      'a codec that rejects',
      withCodec({ decode: rejects(new TransfusionError('disposed', 'decode after dispose.')) }),
      'disposed',
      `document 0, segment 1 to document 1, ${DECODE}: decode after dispose.`,
    ],
    [
      'too few values',
      withCodec({ decode: async () => [[1, 2, 3, 4]] }),
      'invalid-plugin',
      `document 1, ${DECODE} returned 1 values, expected 2. Return one for each latent, in order.`,
    ],
    [
      'no value',
      withCodec({ decode: async () => [[1, 2, 3, 4], null as never] }),
      'invalid-plugin',
      `document 1, ${DECODE} returned null, expected a value. Return one for all that can be generated.`,
    ],
  ])('%s', async (_, registry, code, message) => {
    await expect(decodeDocuments(registry, [encoded, encoded])).rejects.toMatchObject({ code, message });
  });
});
