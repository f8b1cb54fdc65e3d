import { createTransfusion, transformerConfig } from '@transfusion/core';
import { createModalityRegistry, type DiscreteModality } from '@transfusion/modality';
import { image, type RgbImage } from '@transfusion/modality-image';
import type { DocumentSource } from '../document-source.js';

/** The letters a to z, each a token. */
const letters: DiscreteModality<'text', string> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'text',
  vocabSize: 26,
  accepts: (value): value is string => typeof value === 'string' && /^[a-z]*$/.test(value),
  encode: (value) => Int32Array.from(value, (letter) => letter.charCodeAt(0) - 97),
  decode: (ids) => String.fromCharCode(...ids.map((id) => id + 97)),
};

/** Letters, and images of 4 x 4 pixels that take four positions. */
export const toyModalities = createModalityRegistry(
  letters,
  image({ latentShapes: [[4, 4, 3]], patchSize: 2 }),
);

/** A model of {@link toyModalities}. */
export const toyModel = createTransfusion({
  transformer: transformerConfig({ numLayers: 1, modelDim: 8, numHeads: 2 }),
  modalities: toyModalities,
});

/** An image of one color. */
export function plainImage(shade: number): RgbImage {
  return { width: 4, height: 4, data: new Uint8Array(48).fill(shade) };
}

/** A source of one-segment documents of these texts. */
export function texts(name: string, values: readonly unknown[]): DocumentSource {
  return {
    name,
    length: values.length,
    locate: (index) => `${name}:${index + 1}`,
    read: async (index) => ({ segments: [{ modality: 'text', value: values[index] }] }),
  };
}

/** Captioned images, with captions of different lengths. */
export function captionedImages(count: number): DocumentSource {
  return {
    name: 'images',
    length: count,
    locate: (index) => `image ${index}`,
    read: async (index, rng) => ({
      segments: [
        { modality: 'text', value: 'abcdefgh'.slice(0, 1 + rng.integer(8)) },
        { modality: 'image', value: plainImage(index) },
      ],
    }),
  };
}
