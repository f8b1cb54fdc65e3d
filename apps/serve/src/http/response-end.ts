/** The end of a response, which Fastify's `onResponse` hooks miss if the client goes. */
import type { FastifyReply } from 'fastify';

/**
 * Calls back once, when the response is complete, or when its connection is closed before.
 *
 * @param callback is told whether it is complete
 */
export function onResponseEnd({ raw, request }: FastifyReply, callback: (isComplete: boolean) => void): void {
  const { socket } = request.raw;
  const onClose = (): void => {
    raw.off('close', onClose);
    socket.off('close', onClose);
    callback(raw.writableFinished);
  };
  raw.on('close', onClose);
  // Of requests that wait for their turn on a connection (pipelining), Node closes the socket alone.
  socket.on('close', onClose);
}
