/** The end of a response, which Fastify's `onResponse` hooks miss if the client goes. */
import type { FastifyReply } from 'fastify';

type Callback = (isComplete: boolean) => void;

const callbacksOf = new WeakMap<FastifyReply['raw'], Callback[]>();

/**
 * Calls back once, when the response is complete, or when its connection is closed before.
 *
 * @param callback gets true if it is complete
 */
export function onResponseEnd({ raw, request }: FastifyReply, callback: Callback): void {
  const earlier = callbacksOf.get(raw);
  if (earlier !== undefined) {
    earlier.push(callback);
    return;
  }
  const callbacks = [callback];
  callbacksOf.set(raw, callbacks);
  const { socket } = request.raw;
  const onClose = (): void => {
    raw.off('close', onClose);
    socket.off('close', onClose);
    for (const one of callbacks) one(raw.writableFinished);
  };
  raw.on('close', onClose);
  // Of requests that wait for their turn on a connection (pipelining), Node closes the socket alone.
  socket.on('close', onClose);
}
