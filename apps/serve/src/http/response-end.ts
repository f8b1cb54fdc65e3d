/** The end of a response, which Fastify's `onResponse` hooks miss if the client goes. */
import type { FastifyReply } from 'fastify';

type Socket = FastifyReply['request']['raw']['socket'];
type Callback = (isComplete: boolean) => void;
type Responses = Map<FastifyReply['raw'], Callback[]>;

/** Responses of a connection that have not ended. */
const responsesOf = new WeakMap<Socket, Responses>();

/**
 * Calls back once, when the response is complete, or when its connection is closed before; at once if it already is.
 *
 * @param callback gets true if it is complete
 */
export function onResponseEnd({ raw, request }: FastifyReply, callback: Callback): void {
  const { socket } = request.raw;
  if (raw.closed || socket.destroyed) {
    callback(raw.writableFinished);
    return;
  }
  const responses = responsesOn(socket);
  const callbacks = responses.get(raw);
  if (callbacks !== undefined) {
    callbacks.push(callback);
    return;
  }
  responses.set(raw, [callback]);
  raw.once('close', () => end(responses, raw));
}

/** Returns the responses of a connection, which end with it. */
function responsesOn(socket: Socket): Responses {
  const known = responsesOf.get(socket);
  if (known !== undefined) return known;
  const responses: Responses = new Map();
  responsesOf.set(socket, responses);
  // Of requests that wait for their turn on a connection (pipelining), Node closes the socket alone.
  socket.once('close', () => {
    for (const raw of [...responses.keys()]) end(responses, raw);
  });
  return responses;
}

function end(responses: Responses, raw: FastifyReply['raw']): void {
  const callbacks = responses.get(raw) ?? [];
  responses.delete(raw);
  for (const callback of callbacks) callback(raw.writableFinished);
}
