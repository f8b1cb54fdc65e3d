/** Mistakes of a modality that records reveal: what a record can cause is skipped, what breaks the contract stops training. */
import { createRng } from '@transfusion/nn';
import { TransfusionError } from '@transfusion/errors';
import { createModalityRegistry, type ContinuousModality, type LatentCodec } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { expect, it } from 'vitest';
import { prepareDocument, type PreparedDocument } from './prepare-document.js';
import { captionedImages, toyModalities, toyModel } from './testing-internals/toy-documents.js';

const { codec, ...image } = toyModalities.get('image') as ContinuousModality<string, RgbImage>;
const source = captionedImages(20);

function prepare(changes: Partial<LatentCodec<RgbImage>>, strict = false): Promise<PreparedDocument> {
  const modalities = createModalityRegistry(toyModalities.get('text'), {
    ...image,
    codec: { ...codec, ...changes },
  });
  const rng = createRng(1);
  return prepareDocument(
    { source, index: 17, rng, read: () => source.read(17, rng) },
    {
      model: { modalities: modalities as never, vocabulary: toyModel.vocabulary },
      batchShape: { numRows: 1, rowLength: 32, spanCapacity: { 'image:4x4x3': 2 } },
      strict,
    },
  );
}

it('prepares a document of a right modality', async () => {
  expect(await prepare({})).toMatchObject({ sequences: [{}] });
});

it.each<[string, Partial<LatentCodec<RgbImage>>, string, TransfusionError['code']]>([
  [
    'refuses the value',
    { encode: () => Promise.reject(new TransfusionError('invalid-record', 'the image is black.')) },
    "segment 1: codec.encode() of modality 'image': the image is black.",
    'invalid-record',
  ],
  [
    'encodes it to numbers that are not finite',
    { encode: async () => [{ shape: [4, 4, 3], data: new Float32Array(48).fill(NaN) }] },
    "segment 1: codec.encode() of modality 'image' returned NaN at 0 of the latent, expected finite numbers. Correct the " +
      'value, or the codec.',
    'invalid-record',
  ],
  [
    'encodes it to a shape that is not listed',
    { encode: async () => [{ shape: [2, 2, 3], data: new Float32Array(12) }] },
    "segment 1: codec.encode() of modality 'image': the latent has the shape 2x2x3, expected one of 'image': 4x4x3. Add the " +
      'shape to latentShapes, or load the matching codec.',
    'mismatch',
  ],
])('skips a record whose codec %s, unless strict', async (_, changes, reason, code) => {
  expect(await prepare(changes)).toEqual({
    skipped: { source: 'images', location: 'image 17', reason },
  });
  await expect(prepare(changes, true)).rejects.toMatchObject({ code, message: `image 17: ${reason}` });
});

it.each<[string, Partial<LatentCodec<RgbImage>>, string]>([
  [
    'throws',
    { encode: () => Promise.reject(new TypeError('weights of undefined')) },
    "threw 'TypeError: weights of undefined', expected a result. Its stack is in the error's cause.",
  ],
  [
    'returns too few',
    { encode: async () => [] },
    'returned 0 latents, expected 1. Return one for each value, in order.',
  ],
  [
    'returns no latents',
    { encode: async (values) => values as never },
    'returned an instance of Object, expected a latent. Return { shape, data: Float32Array }.',
  ],
])('stops at a codec that %s, naming the record', async (_, changes, problem) => {
  await expect(prepare(changes)).rejects.toMatchObject({
    code: 'invalid-plugin',
    message: `image 17: segment 1: codec.encode() of modality 'image' ${problem}`,
  });
});
