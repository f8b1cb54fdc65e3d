/** A model in the server's own process, as its own process would run it. */
import { prepareRequest, type RequestContext } from '../inference/prepare-request.js';
import type { InferenceEvent, InferenceRequest, ModelHost, ModelInfo } from '../inference/model-host.js';
import { runInference } from '../inference/run-inference.js';

/** Creates a host for a model. */
export function localHost(name: string, context: RequestContext, info: ModelInfo): ModelHost {
  return {
    name,
    info,
    state: undefined,
    submit: (request, signals) => {
      const prepared = prepareRequest(context, request, signals);
      return request.seeds.map((seed, i) => outputOf(context, prepared, seed, signals[i]));
    },
    close: async () => undefined,
  };
}

async function* outputOf(
  context: RequestContext,
  prepared: ReturnType<typeof prepareRequest>,
  seed: InferenceRequest['seeds'][number],
  signal: AbortSignal,
): AsyncGenerator<InferenceEvent, undefined> {
  yield* runInference(context, await prepared, seed, signal);
}
