/** All that routes share. */
import type { ModelHost } from '../inference/model-host.js';
import { invalidRequest } from '../openai/api-error.js';
import type { Lifecycle } from './lifecycle.js';
import type { Metrics } from './metrics.js';
import type { RequestQueue } from './request-queue.js';
import type { Limits, ServerOptions } from './server-options.js';

/** State and settings of a server. */
export interface ServerContext {
  readonly models: readonly ModelHost[];
  readonly limits: Limits;
  readonly logPrompts: boolean;
  readonly metrics: Metrics;
  readonly queue: RequestQueue;
  readonly lifecycle: Lifecycle;
  readonly exports: ServerOptions['exports'];
  /** Time since when models are served, in seconds. */
  readonly startedAt: number;
}

/**
 * Returns the model of a name; without a name, the only model.
 *
 * @throws ApiError 404 if there is none, 400 if the name is missing
 */
export function findModel({ models }: ServerContext, name: string | undefined): ModelHost {
  if (name === undefined && models.length === 1) return models[0];
  const names = models.map((model) => model.name).join(', ');
  if (name === undefined) {
    throw invalidRequest(`model: found nothing, expected one of ${names}. Name a model.`, 'model');
  }
  const model = models.find((candidate) => candidate.name === name);
  if (model === undefined) {
    const found = JSON.stringify(name.slice(0, 100));
    const message = `model: found ${found}, expected one of ${names}. GET /v1/models lists the models.`;
    throw invalidRequest(message, 'model', 404, 'model_not_found');
  }
  return model;
}

/** Returns the time in seconds, as OpenAI's responses have it. */
export function unixTime(): number {
  return Math.floor(Date.now() / 1000);
}
