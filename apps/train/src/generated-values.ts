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

/** Each request is a row of the model's batch, two with guidance: memory bounds how many go together. */
const ROWS_AT_A_TIME = 16;

/** Generates requests in their order, some at a time; further ones are taken only when those are done. */
export async function* generateValues(
  run: OpenedRun,
  requests: Iterable<GenerationRequest> | AsyncIterable<GenerationRequest>,
): AsyncGenerator<GeneratedValues> {
  let waiting: GenerationRequest[] = [];
  for await (const request of requests) {
    waiting.push(request);
    if (waiting.length < ROWS_AT_A_TIME) continue;
    yield* await generateTogether(run, waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield* await generateTogether(run, waiting);
}

async function generateTogether(
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
