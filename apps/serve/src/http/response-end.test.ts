import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import Fastify, { type FastifyReply } from 'fastify';
import { expect, it, onTestFinished, vi } from 'vitest';
import { onResponseEnd } from './response-end.js';

/** Starts a server, and returns a connection to it, with so many requests sent. */
async function requests(count: number, handler: (reply: FastifyReply) => Promise<unknown>) {
  const app = Fastify();
  app.get('/', (_request, reply) => handler(reply));
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count));
  return socket;
}

it('calls back when a response is complete, each callback once', async () => {
  const ends: (readonly [number, boolean])[] = [];
  let closed: Promise<unknown> | undefined;
  const socket = await requests(1, async (reply) => {
    closed = once(reply.request.raw.socket, 'close');
    for (const index of [0, 1]) onResponseEnd(reply, (isComplete) => ends.push([index, isComplete]));
    return 'done';
  });
  await vi.waitFor(() => expect(ends).toHaveLength(2));
  socket.destroy();
  await closed;
  expect(ends).toEqual([
    [0, true],
    [1, true],
  ]);
});

it('calls back at once if the client has gone before', async () => {
  const callback = vi.fn();
  const socket = await requests(1, async (reply) => {
    socket.destroy();
    await once(reply.raw, 'close');
    onResponseEnd(reply, callback);
    expect(callback).toHaveBeenCalledExactlyOnceWith(false);
  });
  await vi.waitFor(() => expect(callback).toHaveBeenCalledOnce());
});

it('follows all requests that were sent on a connection at once, without a warning of Node', async () => {
  const onWarning = vi.fn();
  process.on('warning', onWarning);
  const callback = vi.fn();
  let numStarted = 0;
  const socket = await requests(20, (reply) => {
    numStarted++;
    onResponseEnd(reply, callback);
    return new Promise(() => undefined);
  });
  await vi.waitFor(() => expect(numStarted).toBe(20));
  socket.destroy();
  await vi.waitFor(() => expect(callback.mock.calls).toEqual(Array.from({ length: 20 }, () => [false])));
  process.off('warning', onWarning);
  expect(onWarning).not.toHaveBeenCalled();
});
