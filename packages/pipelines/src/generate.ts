import { encodeDocument, type Modality, type SegmentOf, type ValueOf } from '@transfusion/modality';
import { generateEncoded } from './generate-encoded.js';
import type { EncodedRequest, GenerateOptions } from './generation-request.js';
import type { TrainedModel } from './trained-model.js';

/** Outputs of a model: a value of one of its modalities, or a document of all. */
export type OutputOf<M extends Modality> = M['name'] | 'document';

/** The value that an output results in: the segments of a document, in order; else the modality's value. */
export type GeneratedOf<M extends Modality, Output extends OutputOf<M>> = Output extends 'document'
  ? SegmentOf<M>[]
  : M extends Modality
    ? Output extends M['name']
      ? ValueOf<M>
      : never
    : never;

/** A prompt, and the output to generate from it. */
export interface GenerateRequest<
  M extends Modality = Modality,
  Output extends OutputOf<M> = OutputOf<M>,
> extends GenerateOptions {
  /** Values of any modalities, in order; may be empty. */
  readonly prompt: readonly SegmentOf<M>[];
  readonly output: Output;
}

/**
 * Generates one output: an image from a text, a text from an image, or whatever else the model's modalities are;
 * for `document` the model chooses what follows.
 *
 * @throws TransfusionError `not-found` for a modality that the model lacks, `invalid-record` for a value that
 *   its modality does not take, `invalid-argument` for options out of range
 */
export async function generate<M extends Modality, const Output extends OutputOf<M>>(
  trained: TrainedModel<M>,
  request: GenerateRequest<M, Output>,
): Promise<GeneratedOf<M, Output>> {
  const { value } = await generateEach(trained, [request]).next();
  return value as GeneratedOf<M, Output>;
}

/**
 * Generates an output for each request, in their order and in batches: further requests are taken only when a
 * batch is done. Which requests share a batch changes nothing in their outputs.
 *
 * @throws TransfusionError as {@link generate}
 */
export async function* generateEach<M extends Modality, const Output extends OutputOf<M>>(
  trained: TrainedModel<M>,
  requests: Iterable<GenerateRequest<M, Output>> | AsyncIterable<GenerateRequest<M, Output>>,
): AsyncGenerator<GeneratedOf<M, Output>, void> {
  const untyped = trained as unknown as TrainedModel;
  async function* encoded(): AsyncGenerator<EncodedRequest> {
    for await (const { prompt, ...request } of requests) {
      yield { ...request, prompt: await encodeDocument(untyped.model.modalities, { segments: prompt }) };
    }
  }
  for await (const value of generateEncoded(untyped, encoded())) yield value as GeneratedOf<M, Output>;
}
