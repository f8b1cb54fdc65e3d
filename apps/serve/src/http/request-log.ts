/** Log: one line for each request, without prompts, keys or bodies. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { onResponseEnd } from './response-end.js';

/** Facts about a request that become known while it is served. */
export interface RequestSummary {
  model?: string;
  numOutputs?: number;
  /** Time in the queue of the first output that left it. */
  queueMs?: number;
  /** Time to the first text, preview or file. */
  firstOutputMs?: number;
  promptTokens?: number;
  generatedTokens?: number;
  /** Present if the server was asked to log prompts. */
  prompt?: readonly string[];
  errorCode?: string;
  /** True if the client went before it had the whole response. */
  isAborted?: boolean;
}

const summaries = new WeakMap<FastifyRequest, RequestSummary>();

/** Returns the summary of a request, to be added to. */
export function summaryOf(request: FastifyRequest): RequestSummary {
  const summary = summaries.get(request) ?? {};
  summaries.set(request, summary);
  return summary;
}

/** Logs each request when its response has ended, however it ended; those of routes beside the API at level `debug`. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    onResponseEnd(reply, (isComplete) => {
      const summary = summaryOf(request);
      if (!isComplete) summary.isAborted = true;
      const durationMs = Math.round(reply.elapsedTime);
      const route = request.routeOptions.url ?? null;
      const line = { method: request.method, route, status: reply.statusCode, durationMs, ...summary };
      // Probes and scrapers come every few seconds; what has no route is a client's mistake.
      request.log[route === null || route.startsWith('/v1/') ? 'info' : 'debug'](line, 'request');
    });
    done();
  });
}
