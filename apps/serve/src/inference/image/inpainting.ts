/** Inpainting with files. */
import type { KnownLatent } from '@transfusion/core';
import { decodeMask, isRgbImage, latentMask, resizeImage } from '@transfusion/modality-image';
import { sameShape, type ModalityRegistry } from '@transfusion/modality';
import {
  knownLatent,
  withKnownPixels,
  type ImageInpainting,
  type TrainedModel,
} from '@transfusion/pipelines';
import { InferenceError } from '../model-host.js';
import { mediaOf, modalityOf } from '../model-media.js';
import type { ImageSize } from './image-sizes.js';

/** An inpainting, and what is known of its latent. */
export interface PreparedInpainting {
  readonly known: KnownLatent;
  /** Has the size of the output. */
  readonly inpainting: ImageInpainting;
}

/** @throws InferenceError `invalid` if the model's images cannot be inpainted */
export function checkInpaints(modalities: ModalityRegistry): void {
  if (modalityOf(modalities, 'image').kind === 'continuous') return;
  throw new InferenceError(
    'invalid',
    'The images of the model are tokens, which cannot be inpainted. Leave out the mask.',
    'mask',
  );
}

/**
 * Decodes an image and its mask.
 *
 * @param mask a file whose transparent pixels are generated
 */
export async function prepareInpainting(
  { model }: TrainedModel,
  sizes: readonly ImageSize[],
  file: Uint8Array,
  mask: Uint8Array,
): Promise<PreparedInpainting> {
  const image = await mediaOf(modalityOf(model.modalities, 'image')).decode(file);
  if (!isRgbImage(image))
    throw new InferenceError('invalid', 'The model has no images that can be inpainted.', 'mask');
  const inpainting = { image, mask: await decodeMask(mask) };
  const known = await knownLatent(model, inpainting);
  const size = sizes.find(({ latentShape }) => sameShape(latentShape, known.latent.shape));
  return { known, inpainting: size === undefined ? inpainting : await inSize(inpainting, size) };
}

/**
 * Scales an inpainting to the size of its output, as `withKnownPixels` does in the end: the result is the same, and
 * millions of pixels are not kept until then.
 */
export async function inSize(
  { image, mask }: ImageInpainting,
  { width, height }: Pick<ImageSize, 'width' | 'height'>,
): Promise<ImageInpainting> {
  const known = latentMask(mask, [height, width, 1]);
  return {
    image: await resizeImage(image, width, height),
    mask: { width, height, data: known.map((isKnown) => 255 * (1 - isKnown)) },
  };
}

/** Returns a generated value with the known pixels of the original. */
export async function finishInpainting(value: unknown, inpainting: ImageInpainting): Promise<unknown> {
  return isRgbImage(value) ? withKnownPixels(value, inpainting) : value;
}
