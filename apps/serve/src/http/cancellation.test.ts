import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it, vi } from 'vitest';
import type { InferenceEvent } from '../inference/model-host.js';
import { fakeHost } from '../testing-internals/fake-host.js';
import { listeningServer, metricValue } from '../testing-internals/test-server.js';

const messages = [{ role: 'user' as const, content: 'a b c d e f g h i j k l m n o p' }];

async function expectIdle(app: FastifyInstance): Promise<void> {
  expect(await metricValue(app, 'vllm:num_requests_running')).toBe(0);
  expect(await metricValue(app, 'vllm:num_requests_waiting')).toBe(0);
}

describe('generation ends at once when the client goes', () => {
  it('in the middle of a stream', async () => {
    const host = fakeHost({ interval: 20 });
    const { app, client } = await listeningServer({ models: [host] });
    const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true });
    let leftAt = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0].delta.content !== 'b ') continue;
      expect(await metricValue(app, 'vllm:num_requests_running')).toBe(1);
      leftAt = performance.now();
      break;
    }
    await vi.waitFor(() => expect(host.submissions[0].abortedAt).toBeDefined(), { interval: 5 });
    expect(host.submissions[0].abortedAt! - leftAt).toBeLessThan(100);
    await expectIdle(app);
  });

  it('before a whole response, with all of its outputs', async () => {
    const host = fakeHost({ interval: 1000 });
    const { app, client } = await listeningServer({ models: [host] });
    const controller = new AbortController();
    const response = client.images.generate({ prompt: 'x', n: 3 }, { signal: controller.signal });
    await vi.waitFor(() => expect(host.submissions).toHaveLength(3));
    controller.abort();
    await expect(response).rejects.toThrow('aborted');
    await vi.waitFor(() => expect(host.submissions.every(({ signal }) => signal.aborted)).toBe(true));
    await expectIdle(app);
  });

  it('while its requests wait, and does not harm later ones', async () => {
    const host = fakeHost();
    const release = host.hold();
    const { app, client } = await listeningServer({ models: [host], limits: { maxQueue: 1 } });
    const controller = new AbortController();
    const first = client.chat.completions.create({ model: 'fake', messages }, { signal: controller.signal });
    await vi.waitFor(() => expect(host.submissions).toHaveLength(1));
    expect(await metricValue(app, 'vllm:num_requests_waiting')).toBe(1);
    controller.abort();
    await expect(first).rejects.toThrow('aborted');
    await vi.waitFor(() => expect(host.submissions[0].signal.aborted).toBe(true));
    await expectIdle(app);
    const second = client.chat.completions.create({ model: 'fake', messages });
    await vi.waitFor(() => expect(host.submissions).toHaveLength(2));
    release();
    expect((await second).choices[0].message.content).toBe(messages[0].content);
    expect(host.submissions[1].signal.aborted).toBe(false);
  });

  it('and had sent several requests, of which one is answered after the other', async () => {
    const host = fakeHost({ interval: 1000 });
    const { app, port } = await listeningServer({ models: [host] });
    const body = JSON.stringify({ messages });
    const head = 'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const socket = connect(port, '127.0.0.1');
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`.repeat(3));
    await vi.waitFor(() => expect(host.submissions).toHaveLength(3));
    socket.destroy();
    await vi.waitFor(() => expect(host.submissions.every(({ signal }) => signal.aborted)).toBe(true));
    await expectIdle(app);
    await app.drain();
  });

  it('and its connection is cut', async () => {
    const host = fakeHost({ interval: 20 });
    const { app, port } = await listeningServer({ models: [host] });
    const body = JSON.stringify({ messages, stream: true });
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.resetAndDestroy();
    await vi.waitFor(() => expect(host.submissions[0].signal.aborted).toBe(true));
    await expectIdle(app);
  });
});

describe('a request that takes too long', () => {
  it('gets a 504, and its generation is aborted', async () => {
    const host = fakeHost({ interval: 1000 });
    const { app } = await listeningServer({ models: [host], limits: { requestTimeout: 30 } });
    const reply = await app.inject({ method: 'POST', url: '/v1/chat/completions', payload: { messages } });
    expect(reply.statusCode).toBe(504);
    expect(reply.json().error).toMatchObject({ type: 'timeout_error', code: 'request_timeout' });
    // OpenAI's clients retry other 5xx.
    expect(reply.headers['x-should-retry']).toBe('false');
    expect(host.submissions[0].signal.aborted).toBe(true);
    await expectIdle(app);
  });

  it('has its stream ended with an error', async () => {
    const host = fakeHost({ interval: 20 });
    const { client } = await listeningServer({ models: [host], limits: { requestTimeout: 100 } });
    const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true });
    const read = async () => {
      for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    };
    await expect(read()).rejects.toMatchObject({ code: 'request_timeout' });
  });
});

it('aborts no output that has ended, and causes no warnings of Node', async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listener);
  const host = fakeHost();
  const { client } = await listeningServer({ models: [host] });
  await client.chat.completions.create({ model: 'fake', messages, n: 10 });
  await sleep(20);
  process.off('warning', listener);
  expect(host.submissions.some(({ signal }) => signal.aborted)).toBe(false);
  expect(warnings).toEqual([]);
});

it('sends heartbeats while there is nothing else to send', async () => {
  const host = fakeHost();
  const release = host.hold();
  const { app } = await listeningServer({ models: [host], limits: { heartbeatInterval: 20 } });
  const payload = { messages, stream: true };
  const reply = app.inject({ method: 'POST', url: '/v1/chat/completions', payload });
  await sleep(70);
  release();
  const { body } = await reply;
  expect(body).toMatch(/^(: heartbeat\n\n){2,}data: {/);
  expect(body).toMatch(/data: \[DONE\]\n\n$/);
});

it('does not run ahead of a client that reads slowly', async () => {
  const numWords = 20_000;
  let numPulled = 0;
  const host = fakeHost();
  const words = async function* (): AsyncGenerator<InferenceEvent, undefined> {
    const usage = { promptTokens: 1, promptSpanPositions: 0, generatedTokens: 1, generatedSpanPositions: 0 };
    for (; numPulled < numWords; numPulled++) yield { type: 'text', text: 'x'.repeat(2000) };
    yield { type: 'end', reason: 'stop', usage };
  };
  const { port } = await listeningServer({ models: [{ ...host, submit: () => [words()] }] });
  const request = httpRequest({ port, method: 'POST', path: '/v1/chat/completions' });
  request.setHeader('content-type', 'application/json');
  request.end(JSON.stringify({ messages, stream: true }));
  const response = await new Promise<import('node:http').IncomingMessage>((resolve) =>
    request.once('response', resolve),
  );
  response.pause();
  let before = -1;
  while (before !== numPulled) {
    before = numPulled;
    await sleep(100);
  }
  expect(numPulled).toBeLessThan(numWords / 2);
  response.resume();
  await new Promise((resolve) => response.once('end', resolve));
  expect(numPulled).toBe(numWords);
});
