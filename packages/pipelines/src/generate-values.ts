import { generateDocuments, type GenerationRequest } from '@transfusion/core';
import { decodeDocument } from '@transfusion/modality';
import { isRgbImage, type RgbImage } from '@transfusion/modality-image';
import type { TrainedModel } from './trained-model.js';

/** What a request made, sorted. */
export interface GeneratedValues {
  /** All text, without what stands between. */
  readonly text: string;
  readonly images: readonly RgbImage[];
}

/** Each request is a row of the model's batch, two or three with guidance: memory bounds how many go together. */
const ROWS_AT_A_TIME = 16;

/** Generates requests in their order, some at a time; further ones are taken only when those are done. */
export async function* generateValues(
  trained: TrainedModel,
  requests: Iterable<GenerationRequest> | AsyncIterable<GenerationRequest>,
): AsyncGenerator<GeneratedValues, void> {
  let waiting: GenerationRequest[] = [];
  for await (const request of requests) {
    waiting.push(request);
    if (waiting.length < ROWS_AT_A_TIME) continue;
    yield* await generateTogether(trained, waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield* await generateTogether(trained, waiting);
}

async function generateTogether(
  { model, params }: TrainedModel,
  requests: readonly GenerationRequest[],
): Promise<GeneratedValues[]> {
  const documents = await generateDocuments(model, params, requests);
  return Promise.all(
    documents.map(async (document) => {
      const values = (await decodeDocument(model.modalities, document)).map(({ value }) => value);
      return {
        text: values.filter((value) => typeof value === 'string').join(''),
        images: values.filter(isRgbImage),
      };
    }),
  );
}
