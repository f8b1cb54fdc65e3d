/** Inpainting with files. */
import type { ModalityRegistry } from '@transfusion/modality';
import { decodeMask, isRgbImage } from '@transfusion/modality-image';
import { withKnownPixels, type ImageInpainting } from '@transfusion/pipelines';
import { InferenceError } from '../model-host.js';
import { mediaOf, modalityOf } from '../model-media.js';

/**
 * Decodes an image and its mask.
 *
 * @param mask a file whose transparent pixels are generated
 */
export async function inpaintingOf(
  modalities: ModalityRegistry,
  image: Uint8Array,
  mask: Uint8Array,
): Promise<ImageInpainting> {
  const value = await mediaOf(modalityOf(modalities, 'image')).decode(image);
  if (!isRgbImage(value))
    throw new InferenceError('invalid', 'The model has no images that can be inpainted.');
  return { image: value, mask: await decodeMask(mask) };
}

/** Returns a generated value with the known pixels of the original. */
export async function finishInpainting(value: unknown, inpainting: ImageInpainting): Promise<unknown> {
  return isRgbImage(value) ? withKnownPixels(value, inpainting) : value;
}
