/** Bound on the outputs of a model that wait or are generated. */
import type { ModelHost } from '../inference/model-host.js';
import { ApiError } from '../openai/api-error.js';
import { createBound, type Bound } from './bound.js';
import type { Metrics } from './metrics.js';
import { trackOutput, type OutputTracker } from './output-tracker.js';
import type { RequestSummary } from './request-log.js';

/** Admits requests, before any work is done for them. */
export interface RequestQueue {
  /**
   * Admits all outputs of a request, or none. Each counts until its tracker ends.
   *
   * @throws ApiError 429 if there is no room
   */
  admit(model: string, count: number, summary: RequestSummary): readonly OutputTracker[];
  /**
   * Checks that a request may be admitted, as long as its model is not known.
   *
   * @throws ApiError 429 if no model has room for an output
   */
  checkRoom(): void;
}

/** Creates a queue for each model, with room for `maxQueue` outputs. */
export function createRequestQueue(
  metrics: Metrics,
  models: readonly Pick<ModelHost, 'name'>[],
  maxQueue: number,
): RequestQueue {
  const slots = new Map(models.map(({ name }) => [name, createBound(maxQueue)]));
  return {
    admit(model, count, summary) {
      const bound = slots.get(model)!;
      if (bound.taken + count > maxQueue) throw queueFull(`model '${model}'`, bound, count);
      return Array.from({ length: count }, () => trackOutput(metrics, model, summary, bound.take(1).release));
    },
    checkRoom() {
      const bounds = [...slots.values()];
      if (bounds.some(({ taken }) => taken < maxQueue)) return;
      const [first] = bounds.sort((a, b) => a.retryAfter - b.retryAfter);
      throw queueFull(models.length > 1 ? 'all models' : `model '${models[0].name}'`, first, 1);
    },
  };
}

function queueFull(whose: string, { taken, capacity, retryAfter }: Bound, count: number): ApiError {
  return tooManyRequests(
    `${whose}: found ${taken} of ${capacity} slots of the queue taken, expected room for ${count}.`,
    retryAfter,
  );
}

/** Returns an error for a request that has to wait for others to end. */
export function tooManyRequests(message: string, retryAfter: number): ApiError {
  return new ApiError(429, `${message} Send the request again later.`, {
    type: 'rate_limit_error',
    code: 'rate_limit_exceeded',
    retryAfter,
  });
}
