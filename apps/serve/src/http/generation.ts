/** Generation of all outputs of one request: from admission to its end, whoever ends it. */
import { randomInt } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InferenceError, type InferenceEvent, type InferenceRequest } from '../inference/model-host.js';
import { ApiError, unavailable } from '../openai/api-error.js';
import type { OutputTracker } from './output-tracker.js';
import { summaryOf } from './request-log.js';
import { onResponseEnd } from './response-end.js';
import { findModel, type ServerContext } from './server-context.js';

/** Time in seconds after which a model that is being loaded may be ready. */
const LOADING_RETRY_SECONDS = 5;

/** Time in milliseconds that a client has to read the rest of a response that timed out. */
const TIMEOUT_GRACE = 5000;

const SEEDS = 2 ** 32;

/** The outputs of a request that has been admitted. */
export interface Generation {
  readonly model: string;
  /** Seeds of the outputs. */
  readonly seeds: readonly number[];
  /** Generates the outputs. */
  submit(request: InferenceRequest): readonly AsyncGenerator<InferenceEvent>[];
  /** Ends all outputs that have not ended, at once, because the request is answered with an error. */
  fail(error: unknown): void;
}

/**
 * Admits a request, before its files are looked at. Its outputs are aborted when the client goes, and when they take
 * longer than the limit.
 *
 * @param fields the model's name, the number of outputs (1 by default) and the first one's seed (random by default)
 * @throws ApiError 404 for an unknown model, 503 while it is being loaded, 429 if its queue is full
 */
export function startGeneration(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  fields: { readonly model: string | undefined; readonly n?: number; readonly seed: number | undefined },
): Generation {
  const { n = 1, seed = randomInt(SEEDS) } = fields;
  const host = findModel(context, fields.model);
  const { name } = host;
  const summary = Object.assign(summaryOf(request), { model: name, numOutputs: n });
  if (host.info === undefined) {
    throw unavailable(
      `model '${name}': is being loaded. Send the request again later.`,
      LOADING_RETRY_SECONDS,
    );
  }
  const trackers = context.queue.admit(name, n, summary);
  // One for each output: Node warns of a signal that many listen to.
  const controllers = trackers.map(() => new AbortController());
  const timer = setTimeout(() => {
    end(timeoutError(context), 'error');
    graceTimer = setTimeout(() => reply.raw.destroy(), TIMEOUT_GRACE);
    graceTimer.unref();
  }, context.limits.requestTimeout);
  let graceTimer: NodeJS.Timeout | undefined;

  function end(reason: unknown, finishedReason: 'abort' | 'error'): void {
    for (const [index, tracker] of trackers.entries()) {
      if (tracker.isEnded) continue;
      tracker.end(finishedReason);
      controllers[index].abort(reason);
    }
  }

  onResponseEnd(reply, () => {
    clearTimeout(timer);
    clearTimeout(graceTimer);
    end(clientGone(), 'abort');
  });

  void reply.header('x-transfusion-seed', seed);
  return {
    model: name,
    seeds: trackers.map((_, index) => (seed + index) % SEEDS),
    submit(inferenceRequest) {
      if (context.logPrompts) summary.prompt = textsOf(inferenceRequest);
      const signals = controllers.map(({ signal }) => signal);
      return host
        .submit(inferenceRequest, signals)
        .map((events, index) => observed(events, trackers[index], controllers[index]));
    },
    fail: (error) => end(error, 'error'),
  };
}

/** Yields events, the last of which is an `end`, as a tracker sees them. An output that is left before is aborted. */
async function* observed(
  events: AsyncIterable<InferenceEvent>,
  tracker: OutputTracker,
  controller: AbortController,
): AsyncGenerator<InferenceEvent> {
  try {
    for await (const event of events) {
      tracker.observe(event);
      yield event;
      if (event.type === 'end') return;
    }
    throw new InferenceError('internal', 'the events of an output ended without an end event');
  } catch (error) {
    tracker.end('error');
    throw error;
  } finally {
    if (!tracker.isEnded) {
      tracker.end('abort');
      controller.abort(clientGone());
    }
  }
}

function textsOf({ prompt }: InferenceRequest): string[] {
  return prompt.flatMap((part) => (part.type === 'text' ? [part.text] : []));
}

function timeoutError({ limits }: ServerContext): ApiError {
  return new ApiError(
    504,
    `The request took longer than ${limits.requestTimeout / 1000} s. Ask for less: fewer tokens, images or steps.`,
    { type: 'timeout_error', code: 'request_timeout' },
  );
}

/** Reason for the end of generation, which nobody is there to read. */
function clientGone(): ApiError {
  return new ApiError(499, 'The client closed the request.', { type: 'client_closed_request' });
}
