import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { fakeHost } from '../testing-internals/fake-host.js';
import { listeningServer } from '../testing-internals/test-server.js';

const CHAT = '/v1/chat/completions';
const MIB = 2 ** 20;
const limits = { bodyLimit: MIB, maxBodies: 3 };

/** A body of about so many bytes. */
const bodyOf = (size: number): string =>
  JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(size - 50) }] });

/** A request that is sent in pieces. */
interface Upload {
  readonly socket: Socket;
  /** Reads the answer so far. */
  answer(): string;
}

function upload(port: number, path: string, ...headers: readonly string[]): Upload {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write([`POST ${path} HTTP/1.1`, 'Host: x', ...headers, '\r\n'].join('\r\n'));
  return { socket, answer: () => answer };
}

const json = 'Content-Type: application/json';
const form = 'Content-Type: multipart/form-data; boundary=x';
const post = (url: string, body: string): Promise<Response> =>
  fetch(url + CHAT, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

it('refuses an upload at once while others take all of the memory, and serves it when one has ended', async () => {
  const { port, url } = await listeningServer({ models: [fakeHost()], limits });
  const body = bodyOf(MIB - 100);
  const slow = [
    upload(port, CHAT, json, `Content-Length: ${body.length}`),
    upload(port, '/v1/images/edits', form, 'Transfer-Encoding: chunked'),
    upload(port, CHAT, json, 'Transfer-Encoding: chunked'),
  ];
  await vi.waitFor(async () => expect((await post(url, body)).status).toBe(429), { interval: 5 });
  const refused = await post(url, body);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({
    error: { code: 'rate_limit_exceeded', message: expect.stringContaining('taken by other requests') },
  });
  // What is small is served nevertheless.
  expect((await post(url, bodyOf(1000))).status).toBe(200);
  expect(slow.map(({ answer }) => answer())).toEqual(['', '', '']);
  slow[0].socket.write(body);
  await vi.waitFor(() => expect(slow[0].answer()).toMatch(/^HTTP\/1.1 200 OK/));
  expect((await post(url, body)).status).toBe(200);
  slow[1].socket.destroy();
  await vi.waitFor(async () => {
    expect((await Promise.all([post(url, body), post(url, body)])).map(({ status }) => status)).toEqual([
      200, 200,
    ]);
  });
});

it('lets a refused upload arrive, and serves what follows it on the connection', async () => {
  const host = fakeHost();
  host.hold();
  const { port, url } = await listeningServer({
    models: [host],
    limits: { ...limits, maxQueue: 1, receiveTimeout: 200 },
  });
  void post(url, bodyOf(100)).catch(() => undefined);
  await vi.waitFor(() => expect(host.submissions).toHaveLength(1));
  const refused = upload(port, CHAT, json, `Content-Length: ${MIB}`);
  const stuck = upload(port, CHAT, json, `Content-Length: ${MIB}`);
  const closed = new Promise((resolve) => stuck.socket.once('close', resolve));
  await vi.waitFor(() => expect(refused.answer()).toMatch(/^HTTP\/1.1 429 [^]*}$/));
  refused.socket.write('x'.repeat(MIB));
  refused.socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await vi.waitFor(() => expect(refused.answer()).toContain('HTTP/1.1 200 OK'));
  // Nothing that does not arrive is waited for.
  await closed;
});

it('counts a body whose length was not known by what arrived', async () => {
  const host = fakeHost();
  const release = host.hold();
  const { port, url } = await listeningServer({ models: [host], limits: { bodyLimit: MIB, maxBodies: 2 } });
  const body = bodyOf(MIB / 4);
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  for (const count of [1, 2, 3]) {
    upload(port, CHAT, json, 'Transfer-Encoding: chunked').socket.write(chunked);
    await vi.waitFor(() => expect(host.submissions).toHaveLength(count));
  }
  // Three of about 5/16 MiB are held, so that one of the largest fits, and two do not.
  const largest = post(url, bodyOf(MIB - 100));
  await vi.waitFor(() => expect(host.submissions).toHaveLength(4));
  expect((await post(url, bodyOf(MIB - 100))).status).toBe(429);
  release();
  expect((await largest).status).toBe(200);
});

it('refuses a request before its body arrives while the queues of all models are full', async () => {
  const hosts = [fakeHost(), fakeHost({ name: 'other' })];
  const releases = hosts.map((host) => host.hold());
  const { port, url, app } = await listeningServer({ models: hosts, limits: { maxQueue: 1 } });
  const send = (model: string) =>
    post(url, JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }] }));
  const running = [send('fake')];
  await vi.waitFor(() => expect(hosts[0].submissions).toHaveLength(1));
  const admitted = upload(port, '/v1/images/edits', form, 'Content-Length: 99');
  running.push(send('other'));
  await vi.waitFor(() => expect(hosts[1].submissions).toHaveLength(1));
  const refused = upload(port, '/v1/images/edits', form, 'Content-Length: 99');
  await vi.waitFor(() =>
    expect(refused.answer()).toMatch(/^HTTP\/1.1 429 [^]*all models: found 1 of 1 slots/),
  );
  expect(admitted.answer()).toBe('');
  expect((await app.inject('/v1/models')).statusCode).toBe(200);
  for (const release of releases) release();
  for (const reply of running) expect((await reply).status).toBe(200);
});
