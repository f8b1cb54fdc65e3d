/** Inpainting, as `knownLatent` and `withKnownPixels` of `@transfusion/pipelines` do it. */
import type { KnownLatent } from '@transfusion/core/documents';
import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality } from '@transfusion/modality';
import { fillMasked, keepKnown, latentMask, type PixelMask } from '@transfusion/modality-image/image-edits';
import type { ArrayValue } from '../graph-codec.js';
import { resizeOnCanvas, rgbOf, type PixelImage } from './rgb-values.js';

/** An image of which a part is generated. */
export interface WebInpainting {
  readonly image: PixelImage;
  /** Of the image's size: a byte for each pixel, from 128 on where it is generated. */
  readonly mask: PixelMask;
  /** As in `KnownLatent`; defaults to 4. */
  readonly numResamples?: number;
}

/**
 * Returns the known part of an inpainted image's latent.
 *
 * @throws TransfusionError `invalid-argument` for a mask of another size than the image's, or that leaves nothing to generate
 */
export async function knownPart(
  { codec }: ContinuousModality,
  { image, mask, numResamples = 4 }: WebInpainting,
): Promise<KnownLatent> {
  const size = `${image.width}x${image.height}`;
  if (mask.width !== image.width || mask.height !== image.height) {
    throw new TransfusionError(
      'invalid-argument',
      `generate: the mask has ${mask.width}x${mask.height} pixels, expected ${size}, the image's. Resize it.`,
    );
  }
  const [latent] = await codec.encode([fillMasked(rgbOf(image), mask)]);
  const knownMask = latentMask(mask, latent.shape);
  if (knownMask.includes(0)) return { latent, knownMask, numResamples };
  throw new TransfusionError(
    'invalid-argument',
    'generate: the mask has no pixel to generate within the part of the image that the model sees. Mask some.',
  );
}

/** Returns a generated image with the known pixels of the original. */
export async function withKnownPixels(
  { shape, data }: ArrayValue,
  { image, mask }: WebInpainting,
): Promise<ArrayValue> {
  const [height, width] = shape;
  const original = rgbOf(await resizeOnCanvas(image, width, height));
  const generated = { width, height, data: data as Uint8Array };
  return { shape, data: keepKnown(generated, original, mask).data };
}
