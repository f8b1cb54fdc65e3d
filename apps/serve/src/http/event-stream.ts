/** Server-sent events as a response. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { errorBody, type ApiError } from '../openai/api-error.js';
import { withPulse } from './async-iteration.js';
import { reportError } from './error-handler.js';

/** Returns an event whose data is a value as JSON. */
export function serverSentEvent(value: unknown, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`;
}

const HEARTBEAT = ': heartbeat\n\n';

/**
 * Sends events, and heartbeats between them. The head of the response is sent with the first of them, so that a request
 * that fails before is answered with the status of its error. A failure after that is an event with the error, and the
 * end of the response. Events are pulled as fast as the client reads.
 *
 * @param errorEvent returns the event for an error; by default its data is the body that an answer would have
 */
export async function sendEventStream(
  reply: FastifyReply,
  events: AsyncIterator<string>,
  heartbeatInterval: number,
  errorEvent: (error: ApiError) => string = (error) => serverSentEvent(errorBody(error)),
): Promise<FastifyReply> {
  const stream = withPulse(events, HEARTBEAT, heartbeatInterval);
  const first = await stream.next();
  return reply
    .headers({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would collect events otherwise.
      'x-accel-buffering': 'no',
    })
    .send(Readable.from(withErrorEvent(reply, first, stream, errorEvent)));
}

async function* withErrorEvent(
  reply: FastifyReply,
  first: IteratorResult<string>,
  rest: AsyncGenerator<string>,
  errorEvent: (error: ApiError) => string,
): AsyncGenerator<string> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } catch (error) {
    yield errorEvent(reportError(error, reply.request));
  }
}
