import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { fakeHost } from '../testing-internals/fake-host.js';
import { listeningServer } from '../testing-internals/test-server.js';

/** A connection that has sent something. */
interface Connection {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  /** Reads the answer so far. */
  answer(): string;
}

function connection(port: number, text: string): Connection {
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => undefined);
  return { socket, closed: new Promise((resolve) => socket.once('close', resolve)), answer: () => answer };
}

const PROBE = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n';
const UPLOAD = 'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n';

it('closes connections over the limit, with one line in the log', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => lines.push(line) });
  const limits = { maxConnections: 2 };
  const { port } = await listeningServer({ models: [fakeHost()], limits, logger });
  const kept = [connection(port, UPLOAD), connection(port, UPLOAD)];
  for (const over of [connection(port, PROBE), connection(port, PROBE)]) await over.closed;
  expect(kept.map(({ socket }) => socket.closed)).toEqual([false, false]);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([limits]);
});

it('makes room by the end of idle connections', async () => {
  const { port } = await listeningServer({ models: [fakeHost()], limits: { maxConnections: 2 } });
  const idle = connection(port, PROBE);
  await vi.waitFor(() => expect(idle.answer()).toMatch(/^HTTP\/1.1 200/));
  const busy = connection(port, UPLOAD);
  await connection(port, PROBE).closed;
  await idle.closed;
  const next = connection(port, PROBE);
  await vi.waitFor(() => expect(next.answer()).toMatch(/^HTTP\/1.1 200/));
  expect(busy.socket.closed).toBe(false);
});
