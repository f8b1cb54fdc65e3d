import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { createModalityRegistry, encodeDocument } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { image } from './image-modality.js';
import { isRgbImage, type RgbImage } from './rgb-image.js';

beforeAll(() => tf.setBackend('cpu'));

describe('image', () => {
  it('defaults to the paper’s settings', () => {
    const modality = image();
    expect(modality).toMatchObject({
      kind: 'continuous',
      name: 'image',
      lossWeight: 5,
      latentShapes: [[32, 32, 3]],
    });
    expect(modality.diffusion.predictionType).toBe('epsilon');
    expect(modality.spanLength([32, 32, 3])).toBe(64);
    expectTypeOf(image({ name: 'map' }).name).toEqualTypeOf<'map'>();
  });

  it('has an adapter with the number of positions of spanLength', () => {
    const modality = image({
      latentShapes: [
        [8, 4, 3],
        [4, 4, 3],
      ],
      patchSize: 2,
      positionEmbedding: 'axial',
    });
    const adapter = modality.createAdapter(6);
    const params = adapter.init(createRng(1));
    for (const shape of modality.latentShapes) {
      const { hidden, skips } = adapter.embed(params, tf.zeros([1, ...shape]), tf.tensor1d([5]));
      expect(hidden.shape).toEqual([1, modality.spanLength(shape), 6]);
      const output = adapter.project(params, hidden, tf.tensor1d([5]), skips, shape);
      expect(output.shape).toEqual([1, ...shape]);
    }
  });

  it('encodes images of any size in documents, and refuses other values', async () => {
    const registry = createModalityRegistry(image({ latentShapes: [[8, 8, 3]] }));
    const value: RgbImage = { width: 3, height: 5, data: new Uint8Array(45) };
    const [segment] = await encodeDocument(registry, { segments: [{ modality: 'image', value }] });
    expect(segment).toMatchObject({ latent: { shape: [8, 8, 3] } });
    const wrong = { segments: [{ modality: 'image', value: { ...value, width: 4 } }] };
    await expect(encodeDocument(registry, wrong)).rejects.toMatchObject({ code: 'invalid-record' });
  });

  it.each([
    [{ latentShapes: [] }, 'latentShapes is empty'],
    [
      { latentShapes: [[30, 32, 3]] },
      '[30, 32, 3], expected [h, w, 3] with h and w multiples of the patch size 4',
    ],
    [{ latentShapes: [[32, 32]] }, 'expected [h, w, C]'],
    [{ latentShapes: [[0, 32, 3]] }, 'multiples of the patch size'],
    [
      {
        latentShapes: [
          [32, 32, 3],
          [32, 32, 4],
        ],
      },
      '[32, 32, 4], expected [h, w, 3]',
    ],
    [{ latentShapes: [[32, 32, 8]] }, 'pixelCodec: the latent shape is [32, 32, 8]'],
  ])('refuses %j', (options, message) => {
    expect(() => image(options)).toThrow(message);
  });
});

it.each([
  [{ width: 1, height: 2, data: new Uint8Array(6) }, true],
  [{ width: 1, height: 2, data: Buffer.alloc(6) }, true],
  [{ width: 1, height: 2, data: new Uint8Array(5) }, false],
  [{ width: 0, height: 2, data: new Uint8Array(0) }, false],
  [{ width: 1.5, height: 2, data: new Uint8Array(9) }, false],
  [{ width: 1, height: 2, data: [0, 0, 0, 0, 0, 0] }, false],
  [null, false],
  ['an image', false],
])('isRgbImage of %j is %s', (value, expected) => {
  expect(isRgbImage(value)).toBe(expected);
});
