/** Admission of requests before their bodies are read: a burst of uploads must not fill the memory. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createBound } from './bound.js';
import { tooManyRequests } from './request-queue.js';
import { onResponseEnd } from './response-end.js';
import type { ServerContext } from './server-context.js';

/**
 * Size in bytes up to which bodies are not counted, if it is known: about what Node reads with the head of a request. Their
 * number is bounded by that of connections, and prompts without files are served whatever is being uploaded.
 */
const SMALL = 2 ** 16;

/**
 * Refuses requests to these routes with 429 while no model has room for one, or while the bodies of others take all of
 * the memory for bodies. A body counts with its length, or the largest one until it is known, to the end of its response.
 *
 * The rest of a refused body is thrown away as it arrives, in the time that requests have: clients that send all of it
 * before they read, and proxies, would take a connection that is closed before for a broken server.
 */
export function admitBodies(
  routes: FastifyInstance,
  { limits: { bodyLimit, maxBodies }, queue }: Pick<ServerContext, 'limits' | 'queue'>,
): void {
  const memory = createBound(maxBodies * bodyLimit);
  const onRead = new WeakMap<FastifyRequest, () => void>();

  function checkMemory(size: number): void {
    if (memory.taken + size <= memory.capacity) return;
    throw tooManyRequests(
      `body: found ${memory.taken} of ${memory.capacity} bytes taken by other requests, expected room for ${size}.`,
      memory.retryAfter,
    );
  }

  routes.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST') return;
    const { headers, socket } = request.raw;
    const length = headers['content-length'];
    const size = Math.min(Number(length ?? bodyLimit), bodyLimit);
    queue.checkRoom();
    if (size <= SMALL) return;
    checkMemory(size);
    const part = memory.take(size);
    onResponseEnd(reply, part.release);
    if (length !== undefined) return;
    const bytesBefore = socket.bytesRead - SMALL;
    onRead.set(request, () => part.shrink(socket.bytesRead - bytesBefore));
  });
  routes.addHook('preHandler', (request, _reply, done) => {
    onRead.get(request)?.();
    done();
  });
}
