/** Routes for those who run the server: `GET /health`, `/healthz`, `/readyz` and `/metrics`. None needs a key. */
import type { FastifyInstance } from 'fastify';
import { unavailable } from '../openai/api-error.js';
import type { ServerContext } from './server-context.js';

const RETRY_AFTER_SECONDS = 5;

/** Adds the routes. */
export function addOperationRoutes(app: FastifyInstance, context: ServerContext): void {
  const tags = ['Operation'];
  const live = { schema: { tags, summary: 'Answers while the process is alive.' } };
  for (const url of ['/health', '/healthz']) app.get(url, live, () => ({ status: 'ok' }));

  const ready = { schema: { tags, summary: 'Answers 200 if requests are admitted, and 503 otherwise.' } };
  app.get('/readyz', ready, () => {
    if (context.lifecycle.isDraining) throw unavailable('The server is shutting down.', RETRY_AFTER_SECONDS);
    const loading = context.models.filter(({ info }) => info === undefined).map(({ name }) => name);
    if (loading.length > 0) {
      throw unavailable(`Models are being loaded: ${loading.join(', ')}.`, RETRY_AFTER_SECONDS);
    }
    return { status: 'ready' };
  });

  const { registry } = context.metrics;
  const metrics = { schema: { tags, summary: 'Metrics for Prometheus.' } };
  app.get('/metrics', metrics, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
