/** A listening server and OpenAI's client, for one test. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import OpenAI from 'openai';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createServer } from '../http/create-server.js';
import type { ServerOptions } from '../http/server-options.js';

/** Creates a server without a log, which is closed when the test ends. */
export async function testServer(options: ServerOptions): Promise<FastifyInstance> {
  const app = await createServer({ logger: pino({ level: 'silent' }), ...options });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.drain();
  });
  return app;
}

/** Creates a server on a port of its own, and a client that does not retry. */
export async function listeningServer(options: ServerOptions): Promise<{
  readonly app: FastifyInstance;
  readonly port: number;
  readonly url: string;
  readonly client: OpenAI;
}> {
  const app = await testServer(options);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const apiKey = options.apiKeys?.[0] ?? 'none';
  return { app, port, url, client: new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 }) };
}

/** Returns the value of a metric of the first model. */
export async function metricValue(app: FastifyInstance, name: string): Promise<number> {
  const { body } = await app.inject('/metrics');
  const line = body.split('\n').find((candidate) => candidate.startsWith(`${name}{`));
  return Number(line?.split(' ').at(-1) ?? NaN);
}
