/** The HTTP server: an API that OpenAI's clients use unchanged, in front of models that run elsewhere. */
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { requireApiKey } from './api-keys.js';
import { admitBodies } from './body-admission.js';
import { addChatRoute } from './chat-route.js';
import { answerBadRequests } from './client-error.js';
import { limitConnections } from './connections.js';
import { handleErrors, reportError, sendError } from './error-handler.js';
import { addImageEditRoute, addImageGenerationRoute } from './image-routes.js';
import { createLifecycle } from './lifecycle.js';
import { createMetrics } from './metrics.js';
import { addModelRoutes } from './model-routes.js';
import { describeApi } from './openapi.js';
import { addExportRoute } from './export-route.js';
import { addOperationRoutes } from './operation-routes.js';
import { addPageRoutes } from './page-routes.js';
import { requestId } from './request-id.js';
import { logRequests } from './request-log.js';
import { createRequestQueue } from './request-queue.js';
import { addResponsesRoute } from './responses-route.js';
import { unixTime, type ServerContext } from './server-context.js';
import { checkServerOptions, defaultLimits, type Limits, type ServerOptions } from './server-options.js';
import { addSpeechRoute } from './speech-route.js';
import { validatorCompiler } from './validation.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Refuses new requests, waits for the end of running ones, and closes the server. The models stay open. */
    drain(): Promise<void>;
  }
}

/** Time in milliseconds that connections have to close when all responses are complete. */
const CLOSE_GRACE = 500;

/**
 * Creates a server; `listen` starts it, and `drain` or `close` ends it.
 *
 * @throws TransfusionError `invalid-argument` for models of one name, and for empty keys
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  checkServerOptions(options);
  const { models, apiKeys = [], logPrompts = false } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const app = createFastify(limits, options.logger ?? pino());
  const metrics = createMetrics(models);
  const context: ServerContext = {
    models,
    limits,
    logPrompts,
    metrics,
    queue: createRequestQueue(metrics, models, limits.maxQueue),
    lifecycle: createLifecycle(),
    exports: options.exports,
    startedAt: unixTime(),
  };
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  logRequests(app);
  handleErrors(app, metrics);
  await describeApi(app);
  addOperationRoutes(app, context);
  if (options.pageFolder !== undefined) addPageRoutes(app, options.pageFolder);
  await app.register(async (v1) => {
    if (apiKeys.length > 0) v1.addHook('onRequest', requireApiKey(apiKeys));
    context.lifecycle.follow(v1);
    admitBodies(v1, context);
    addChatRoute(v1, context);
    addResponsesRoute(v1, context);
    addImageGenerationRoute(v1, context);
    await v1.register((forms) => addImageEditRoute(forms, context));
    addSpeechRoute(v1, context);
    addModelRoutes(v1, context);
    if (options.exports !== undefined) await addExportRoute(v1, context, options.exports);
  });
  app.decorate('drain', async () => {
    await context.lifecycle.drain();
    // Connections on which no request has come yet are not idle for Node, and would be waited for.
    const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE);
    await app.close();
    clearTimeout(timer);
  });
  await app.ready();
  return app;
}

function createFastify(limits: Limits, logger: FastifyBaseLogger): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyLimit,
    genReqId: requestId,
    // Requests that arrive while the server closes are answered by the lifecycle's hook.
    return503OnClosing: false,
    requestTimeout: limits.receiveTimeout,
    http: {
      headersTimeout: limits.receiveTimeout,
      // How often Node looks for requests that are late.
      connectionsCheckingInterval: Math.min(Math.ceil(limits.receiveTimeout / 2), 10_000),
    },
    clientErrorHandler: answerBadRequests,
    frameworkErrors: (error, request, reply) => {
      sendError(reply.header('x-request-id', request.id), reportError(error, request));
    },
  });
  limitConnections(app, limits.maxConnections);
  // JSON is all that most routes read.
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  return app;
}
