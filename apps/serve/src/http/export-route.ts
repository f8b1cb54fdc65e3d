/** `GET /v1/models/:id/export/*`: the files of a model that a browser runs by itself. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ExportError } from '../inference/model-exports.js';
import { ApiError, invalidRequest, unavailable } from '../openai/api-error.js';
import { onResponseEnd } from './response-end.js';
import { describeRoute } from './openapi.js';
import { findModel, type ServerContext } from './server-context.js';
import type { ServerOptions } from './server-options.js';

const RETRY_AFTER_SECONDS = 10;

/** Adds the route. A model is exported when somebody first asks for one of its files, who waits for it. */
export async function addExportRoute(
  app: FastifyInstance,
  context: ServerContext,
  exports: NonNullable<ServerOptions['exports']>,
): Promise<void> {
  // Folders are not known yet: each reply names its own.
  await app.register(fastifyStatic, { root: process.cwd(), serve: false });
  const schema = {
    ...describeRoute('Models', 'Returns a file of a model’s export, for `@transfusion/web`.', {
      file: 'application/octet-stream',
    }),
    params: z.object({ id: z.string(), '*': z.string() }),
  };
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/v1/models/:id/export/*', { schema }, async (request, reply) => {
      const { id, '*': path } = request.params;
      const { name } = findModel(context, id);
      // As long as a generation may take: a client that does not read would hold up the server's end.
      const timer = setTimeout(() => reply.raw.destroy(), context.limits.requestTimeout);
      onResponseEnd(reply, () => clearTimeout(timer));
      const folder = await exports.folderOf(name).catch((error: unknown) => {
        request.log.error({ err: error, model: name }, 'export failed');
        if (error instanceof ExportError && error.isOfModel) {
          throw new ApiError(501, error.message, { type: 'server_error', code: 'export_failed' });
        }
        throw unavailable(`The model '${name}' could not be exported now. Try again.`, RETRY_AFTER_SECONDS);
      });
      if (!isInside(path) || !(await isFile(join(folder, path)))) {
        throw invalidRequest(
          `The export of ${JSON.stringify(name)} has no file ${JSON.stringify(path.slice(0, 100))}. Its config.json lists all of them.`,
          undefined,
          404,
          'file_not_found',
        );
      }
      // Asked for again each time: a server that is started again may have other weights.
      return reply.header('cache-control', 'no-cache').sendFile(path, folder, { cacheControl: false });
    });
}

/** Returns true for a path that stays in its folder. */
function isInside(path: string): boolean {
  return path.split('/').every((part) => /^\w[\w.-]*$/.test(part));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
