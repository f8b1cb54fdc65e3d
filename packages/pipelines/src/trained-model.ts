import type { Transfusion, TransfusionParams } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import {
  encodeDocument,
  type ContinuousModality,
  type DiscreteModality,
  type EncodedDocument,
  type ModalityRegistry,
} from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';

/** A model and its parameters: what `loadModel` of `@transfusion/recipes` gives. */
export interface TrainedModel {
  readonly model: Transfusion;
  readonly params: TransfusionParams;
}

/** The first modality of strings. @throws TransfusionError `not-found` if there is none */
export function modalityOfText({ discrete }: ModalityRegistry): DiscreteModality {
  return firstThatAccepts(discrete as readonly DiscreteModality[], '', 'text');
}

/** The first continuous modality of images. @throws TransfusionError `not-found` if there is none */
export function modalityOfImages({ continuous }: ModalityRegistry): ContinuousModality {
  const pixel: RgbImage = { width: 1, height: 1, data: new Uint8Array(3) };
  return firstThatAccepts(continuous as readonly ContinuousModality[], pixel, 'images');
}

function firstThatAccepts<M extends DiscreteModality | ContinuousModality>(
  modalities: readonly M[],
  value: unknown,
  what: string,
): M {
  const found = modalities.find((modality) => modality.accepts(value));
  if (found !== undefined) return found;
  throw new TransfusionError('not-found', `The model has no modality of ${what}.`);
}

/** A prompt of images and texts, in their order. */
export function encodePrompt(
  modalities: ModalityRegistry,
  values: readonly (string | RgbImage)[],
): Promise<EncodedDocument> {
  const segments = values.map((value) => ({
    modality: (typeof value === 'string' ? modalityOfText(modalities) : modalityOfImages(modalities)).name,
    value,
  }));
  return encodeDocument(modalities, { segments });
}
