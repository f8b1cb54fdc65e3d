/** `GET /v1/models` and `GET /v1/models/:id` */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ModelHost } from '../inference/model-host.js';
import { modelBody, modelListResponse, modelResponse } from '../openai/model-list.js';
import { describeRoute } from './openapi.js';
import { findModel, type ServerContext } from './server-context.js';

/** Adds the routes. */
export function addModelRoutes(app: FastifyInstance, context: ServerContext): void {
  const describe = (model: ModelHost) => modelBody(model, context.startedAt, context.exports !== undefined);
  const typed = app.withTypeProvider<ZodTypeProvider>();
  typed.get(
    '/v1/models',
    { schema: describeRoute('Models', 'Lists the models.', { json: modelListResponse }) },
    () => ({
      object: 'list' as const,
      data: context.models.map(describe),
    }),
  );
  const schema = {
    ...describeRoute('Models', 'Describes a model.', { json: modelResponse }),
    params: z.object({ id: z.string() }),
  };
  typed.get('/v1/models/:id', { schema }, ({ params }) => describe(findModel(context, params.id)));
}
