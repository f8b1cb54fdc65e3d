import type { Modality } from '@transfusion/modality';
import type { GenerateRequest, OutputOf } from './generate.js';
import {
  prepareOutputs,
  type DocumentGenerator,
  type GenerateStreamOptions,
  type OutputEvent,
  type PreparedStream,
} from './output-events.js';
import { engineOf, type TrainedModel } from './trained-model.js';

/**
 * Generates one output as `generate` does, and yields its parts as soon as they are known: text in pieces, denoising
 * steps, finished values. Leaving the loop ends generation.
 *
 * @throws TransfusionError as `generate`
 */
export async function* generateStream<M extends Modality, const Output extends OutputOf<M>>(
  trained: TrainedModel<M>,
  request: GenerateRequest<M, Output>,
  options: GenerateStreamOptions = {},
): AsyncGenerator<OutputEvent<M>, void> {
  yield* (await prepareStream(trained, request)).start(options);
}

/**
 * Encodes the prompts of a request once, for several outputs of {@link generateStream}.
 *
 * @throws TransfusionError `not-found` for an unknown modality, `invalid-record` for a value that its modality does not
 *   accept, `invalid-argument` for an unknown option
 */
export async function prepareStream<M extends Modality, const Output extends OutputOf<M>>(
  trained: TrainedModel<M>,
  request: GenerateRequest<M, Output>,
): Promise<PreparedStream<M>> {
  const untyped = trained as unknown as TrainedModel;
  const generator: DocumentGenerator = {
    model: untyped.model,
    // Preparation needs no engine, and no parameters.
    submit: (...args) => engineOf(untyped).submit(...args),
  };
  return (await prepareOutputs(generator, request)) as PreparedStream<M>;
}
