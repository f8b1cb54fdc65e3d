import type { ModalityRegistry, Segment } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { modalityOf } from '../modality-of.js';

/** Returns the name of the first modality of images. @throws TransfusionError `not-found` if there is none */
export function imageModalityName(modalities: ModalityRegistry): string {
  const pixel: RgbImage = { width: 1, height: 1, data: new Uint8Array(3) };
  return modalityOf(modalities, pixel, 'images').name;
}

/** Returns the name of the first modality of texts. @throws TransfusionError `not-found` if there is none */
export function textModalityName(modalities: ModalityRegistry): string {
  return modalityOf(modalities, '', 'text').name;
}

/** Makes a prompt of images and texts, in order; an empty text is left out. */
export function promptSegments(
  modalities: ModalityRegistry,
  ...values: readonly (string | RgbImage)[]
): Segment[] {
  return values
    .filter((value) => value !== '')
    .map((value) => ({
      modality: typeof value === 'string' ? textModalityName(modalities) : imageModalityName(modalities),
      value,
    }));
}
