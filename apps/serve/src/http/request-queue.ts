/** Bound on the outputs of a model that wait or are generated. */
import { ApiError } from '../openai/api-error.js';
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
}

const RETRY_AFTER_SECONDS = 1;

/** Creates a queue for each model, with room for `maxQueue` outputs. */
export function createRequestQueue(metrics: Metrics, maxQueue: number): RequestQueue {
  const sizes = new Map<string, number>();
  const add = (model: string, count: number): void => void sizes.set(model, sizeOf(model) + count);
  const sizeOf = (model: string): number => sizes.get(model) ?? 0;
  return {
    admit(model, count, summary) {
      if (sizeOf(model) + count > maxQueue) {
        throw new ApiError(
          429,
          `model '${model}': found ${sizeOf(model)} of ${maxQueue} slots of the queue taken, expected room for ${count}. ` +
            'Send the request again later.',
          { type: 'rate_limit_error', code: 'rate_limit_exceeded', retryAfter: RETRY_AFTER_SECONDS },
        );
      }
      add(model, count);
      return Array.from({ length: count }, () => trackOutput(metrics, model, summary, () => add(model, -1)));
    },
  };
}
