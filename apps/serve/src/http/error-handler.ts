/** Answers for errors: every one has OpenAI's body, and only what is written for the client. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InferenceError } from '../inference/model-host.js';
import { ApiError, errorBody, invalidRequest, unavailable } from '../openai/api-error.js';
import type { Metrics } from './metrics.js';
import { summaryOf } from './request-log.js';

const RETRY_AFTER_SECONDS = 2;

/** Returns the error for the client. What went wrong inside of the server stays there. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof InferenceError && error.kind === 'invalid')
    return invalidRequest(error.message, error.param);
  if (error instanceof InferenceError && error.kind === 'unavailable') {
    return unavailable(
      'The model ended while it served the request. Send the request again.',
      RETRY_AFTER_SECONDS,
    );
  }
  const { statusCode = 500, code, message } = error as Partial<FastifyError>;
  if (statusCode >= 400 && statusCode < 500) return requestError(statusCode, code, message ?? 'bad request');
  return new ApiError(
    500,
    'The server failed to serve the request. Report it with the x-request-id of the response.',
    {
      type: 'server_error',
      code: 'internal_error',
      cause: error,
    },
  );
}

/** Errors that the HTTP framework finds. */
function requestError(statusCode: number, code: string | undefined, message: string): ApiError {
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_INVALID_MULTIPART_CONTENT_TYPE':
      return invalidRequest(
        'Content-Type: found a media type that the endpoint does not read. Send application/json, or multipart/form-data ' +
          'to /v1/images/edits.',
        undefined,
        415,
      );
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge();
    default:
      return invalidRequest(message, undefined, statusCode);
  }
}

/** Returns the error for a body over the limit. */
export function bodyTooLarge(): ApiError {
  return invalidRequest(
    'The body of the request is larger than the server accepts. Send fewer or smaller files.',
    undefined,
    413,
    'request_too_large',
  );
}

/** Returns the error for the client, notes it in the request's summary, and logs it if it is the server's fault. */
export function reportError(error: unknown, request: FastifyRequest): ApiError {
  const apiError = toApiError(error);
  summaryOf(request).errorCode = apiError.code ?? apiError.type;
  if (apiError.statusCode === 500) request.log.error({ err: error }, 'request failed');
  return apiError;
}

/** Sends an error. */
export function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
  if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter);
  if (error.statusCode === 401) reply.header('www-authenticate', 'Bearer');
  // OpenAI's clients would send a request that takes too long again, which would take as long again.
  if (error.statusCode === 504) reply.header('x-should-retry', 'false');
  // The rest of a body that is too large is not worth reading.
  if (error.statusCode === 413) reply.header('connection', 'close');
  return reply.code(error.statusCode).type('application/json; charset=utf-8').send(errorBody(error));
}

/** Answers errors and unknown routes, and counts the requests that are refused. */
export function handleErrors(app: FastifyInstance, { refused }: Metrics): void {
  const methods = collectMethods(app);
  app.addHook('onResponse', (_request, { statusCode: status }, done) => {
    if ((status >= 400 && status < 500) || status === 503) refused.inc({ status });
    done();
  });
  app.setErrorHandler((error, request, reply) => sendError(reply, reportError(error, request)));
  const answerUnknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?', 1)[0];
    const allowed = methods(path);
    if (allowed.length === 0) {
      const message = `${request.method} ${path.slice(0, 200)}: found no such route. GET /docs lists the routes.`;
      return sendError(reply, reportError(invalidRequest(message, undefined, 404, 'unknown_url'), request));
    }
    void reply.header('allow', allowed.join(', '));
    const message = `${path}: found ${request.method}, expected ${allowed.join(' or ')}. Use that method.`;
    return sendError(
      reply,
      reportError(invalidRequest(message, undefined, 405, 'method_not_allowed'), request),
    );
  };
  app.setNotFoundHandler(answerUnknown);
  // Before a body is read, which may have a fault of its own.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) void answerUnknown(request, reply);
    else done();
  });
}

/** Returns a function that finds the methods of a path, among the routes that are added from now on. */
function collectMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: { readonly pattern: RegExp; readonly method: string }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/[.*]/g, '\\$&').replace(/:[a-z]+/g, '[^/]+')}$`);
    for (const one of [method].flat()) routes.push({ pattern, method: one });
  });
  return (path) => routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}
