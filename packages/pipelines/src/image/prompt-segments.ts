import type { ModalityRegistry, Segment } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { modalityAccepting } from '../modality-accepting.js';

/** Returns the name of the first image modality. @throws TransfusionError `not-found` if there is none */
export function imageModalityName(modalities: ModalityRegistry): string {
  const pixel: RgbImage = { width: 1, height: 1, data: new Uint8Array(3) };
  return modalityAccepting(modalities, pixel, 'image').name;
}

/** Returns the name of the first text modality. @throws TransfusionError `not-found` if there is none */
export function textModalityName(modalities: ModalityRegistry): string {
  return modalityAccepting(modalities, '', 'text').name;
}

/** Builds a prompt from images and strings, in order, without empty strings. */
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
