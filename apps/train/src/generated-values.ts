/** What a model has generated, sorted into what a terminal can show. */
import { generateDocuments, type GenerationRequest } from '@transfusion/core';
import type { ContinuousModality, DiscreteModality, ModalityRegistry } from '@transfusion/modality';
import { isRgbImage, type RgbImage } from '@transfusion/modality-image';
import { TransfusionError } from '@transfusion/nn';
import { decodeDocument } from '@transfusion/recipes';
import type { OpenedRun } from './run-folder.js';

export interface GeneratedValues {
  readonly text: string;
  readonly pictures: readonly RgbImage[];
}

/** Generates all requests together. */
export async function generateValues(
  { model, params }: OpenedRun,
  requests: readonly GenerationRequest[],
): Promise<GeneratedValues[]> {
  const documents = await generateDocuments(model, params, requests);
  return Promise.all(
    documents.map(async (document) => {
      const values = (await decodeDocument(model.modalities, document)).map(({ value }) => value);
      return {
        text: values.filter((value) => typeof value === 'string').join(''),
        pictures: values.filter(isRgbImage),
      };
    }),
  );
}

/** @throws TransfusionError `not-found` if the model has no modality of strings */
export function modalityOfText({ discrete }: ModalityRegistry): DiscreteModality {
  return firstThatAccepts(discrete as readonly DiscreteModality[], '', 'text');
}

/** @throws TransfusionError `not-found` if the model has no modality of pictures */
export function modalityOfPictures({ continuous }: ModalityRegistry): ContinuousModality {
  const pixel: RgbImage = { width: 1, height: 1, data: new Uint8Array(3) };
  return firstThatAccepts(continuous as readonly ContinuousModality[], pixel, 'pictures');
}

function firstThatAccepts<M extends DiscreteModality | ContinuousModality>(
  modalities: readonly M[],
  value: unknown,
  what: string,
): M {
  const found = modalities.find((modality) => modality.accepts(value));
  if (found !== undefined) return found;
  throw new TransfusionError('not-found', `The model of this run has no modality of ${what}.`);
}
