/** Ids of requests, which logs and responses name. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Returns the client's `x-request-id` if it can be repeated safely in logs and headers, and otherwise a new id. */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const id = request.headers['x-request-id'];
  return typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id) ? id : randomUUID();
}
