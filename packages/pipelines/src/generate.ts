import type { GenerationEvent } from '@transfusion/core';
import { encodeDocuments, type Modality, type SegmentOf, type ValueOf } from '@transfusion/modality';
import { encodeNegativePrompts } from './encode-negative-prompts.js';
import { generateInBatches } from './generate-in-batches.js';
import { checkRequestFields, type EncodedRequest, type GenerateOptions } from './generation-request.js';
import type { TrainedModel } from './trained-model.js';

/** Possible outputs of a model: a value of one of its modalities, or a document that may mix them. */
export type OutputOf<M extends Modality> = M['name'] | 'document';

/** Type of a generated output: for `document` the segments in order, otherwise the modality's value. */
export type GeneratedOf<M extends Modality, Output extends OutputOf<M>> = Output extends 'document'
  ? SegmentOf<M>[]
  : M extends Modality
    ? Output extends M['name']
      ? ValueOf<M>
      : never
    : never;

/** A prompt and the output to generate from it. */
export interface GenerateRequest<
  M extends Modality = Modality,
  Output extends OutputOf<M> = OutputOf<M>,
> extends GenerateOptions {
  /** Values of any modalities, in order; may be empty. */
  readonly prompt: readonly SegmentOf<M>[];
  /** Values to guide away from, for latents: takes the position of nothing in guidance, which must not be 1. */
  readonly negativePrompt?: readonly SegmentOf<M>[];
  readonly output: Output;
}

/**
 * Generates one output, such as an image from text, text from an image, or a value of any other modality of
 * the model; for `document`, the model chooses which modalities follow.
 *
 * @throws TransfusionError `not-found` for an unknown modality, `invalid-record` for a value that its
 *   modality does not accept, `invalid-argument` for options out of range
 */
export async function generate<M extends Modality, const Output extends OutputOf<M>>(
  trained: TrainedModel<M>,
  request: GenerateRequest<M, Output>,
): Promise<GeneratedOf<M, Output>> {
  const { value } = await generateEach(trained, [request]).next();
  return value as GeneratedOf<M, Output>;
}

/**
 * Generates an output for each request, in order and in batches; the next requests are pulled only after a batch is
 * finished. An output does not depend on the other requests of its batch, but for the rounding of codecs: values of a
 * batch are encoded and decoded together, which may move a pixel in a hundred thousand by one level of 255.
 *
 * @param onEvent called for each event of generation, to report progress; its `request` is the request's index
 * @throws TransfusionError as {@link generate}
 */
export async function* generateEach<M extends Modality, const Output extends OutputOf<M>>(
  trained: TrainedModel<M>,
  requests: Iterable<GenerateRequest<M, Output>> | AsyncIterable<GenerateRequest<M, Output>>,
  onEvent?: (event: GenerationEvent) => void,
): AsyncGenerator<GeneratedOf<M, Output>, void> {
  const untyped = trained as unknown as TrainedModel;
  const toRequests = async (
    batch: readonly GenerateRequest<M, Output>[],
    first: number,
  ): Promise<EncodedRequest[]> => {
    batch.forEach(checkRequestFields);
    const { modalities } = untyped.model;
    const documents = batch.map(({ prompt }) => ({ segments: prompt }));
    const prompts = await encodeDocuments(modalities, documents, first);
    const negativeDocuments = batch.map(({ negativePrompt = [] }) => ({ segments: negativePrompt }));
    const negativePrompts = await encodeNegativePrompts(modalities, negativeDocuments, first);
    return batch.map((request, i) => ({
      ...request,
      prompt: prompts[i],
      negativePrompt: negativePrompts[i],
    }));
  };
  for await (const value of generateInBatches(untyped, requests, toRequests, onEvent))
    yield value as GeneratedOf<M, Output>;
}
