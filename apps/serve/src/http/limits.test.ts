import { connect } from 'node:net';
import { toFile } from 'openai';
import { describe, expect, it, vi } from 'vitest';
import { fakeHost } from '../testing-internals/fake-host.js';
import { dataUri, pngOf } from '../testing-internals/images.js';
import { listeningServer, metricValue, testServer } from '../testing-internals/test-server.js';

const chat = '/v1/chat/completions';
const messages = [{ role: 'user' as const, content: 'hello' }];

describe('the queue', () => {
  it('admits as many as fit of a burst, and refuses the others with 429', async () => {
    const host = fakeHost();
    const release = host.hold();
    const { app, url } = await listeningServer({ models: [host], limits: { maxQueue: 5 } });
    const send = () =>
      fetch(url + chat, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages }),
      });
    const replies = Array.from({ length: 20 }, send);
    let numRefused = 0;
    for (const reply of replies) void reply.then(({ status }) => status === 429 && numRefused++);
    await vi.waitFor(() => expect(numRefused).toBe(15));
    expect(host.submissions).toHaveLength(5);
    expect(await metricValue(app, 'vllm:num_requests_waiting')).toBe(5);
    release();
    const all = await Promise.all(replies);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(5);
    const refused = all.find(({ status }) => status === 429);
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(await refused?.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
    expect((await send()).status).toBe(200);
  });

  it('counts each output, before images are looked at, and models apart', async () => {
    const host = fakeHost();
    const release = host.hold();
    const models = [host, fakeHost({ name: 'other' })];
    const { app } = await listeningServer({ models, limits: { maxQueue: 3 } });
    const post = (payload: object) =>
      app.inject({ method: 'POST', url: chat, payload: { messages, ...payload } });
    const running = post({ model: 'fake', n: 3 });
    await vi.waitFor(() => expect(host.submissions).toHaveLength(3));
    const broken = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://x' } }] }];
    expect((await post({ model: 'fake', messages: broken })).statusCode).toBe(429);
    expect((await post({ model: 'other', messages: broken })).statusCode).toBe(400);
    expect((await post({ model: 'other', n: 3 })).statusCode).toBe(200);
    expect((await post({ model: 'other', n: 4 })).statusCode).toBe(429);
    release();
    expect((await running).json().choices).toHaveLength(3);
  });

  it('has room again after every kind of end', async () => {
    const app = await testServer({ models: [fakeHost()], limits: { maxQueue: 1 } });
    const bodies = [
      { messages, size: '1x1' },
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
      { messages, stream: true },
      { messages },
    ];
    for (const payload of [...bodies, ...bodies]) {
      expect((await app.inject({ method: 'POST', url: chat, payload })).statusCode).not.toBe(429);
    }
  });
});

describe('bodies', () => {
  const limits = { bodyLimit: 10_000 };

  it('over the limit get a 413', async () => {
    const app = await testServer({ models: [fakeHost()], limits });
    const payload = { messages: [{ role: 'user', content: 'x'.repeat(10_000) }] };
    const reply = await app.inject({ method: 'POST', url: chat, payload });
    expect(reply.statusCode).toBe(413);
    expect(reply.json().error.code).toBe('request_too_large');
  });

  it('that are forms do so, too, with and without a length', async () => {
    const { url } = await listeningServer({ models: [fakeHost()], limits });
    const part = (name: string, value: string) =>
      `--x\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n${value}\r\n`;
    const form = `${part('image[]', 'a'.repeat(6000))}${part('image[]', 'b'.repeat(6000))}--x--\r\n`;
    const chunks = async function* () {
      yield Buffer.from(form.slice(0, 7000));
      yield Buffer.from(form.slice(7000));
    };
    for (const body of [form, chunks()]) {
      const reply = await fetch(`${url}/v1/images/edits`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: body as never,
        duplex: 'half',
      } as never);
      expect(reply.status).toBe(413);
    }
  });
});

describe('images', () => {
  it('over the limit of pixels are refused', async () => {
    const { app, client } = await listeningServer({ models: [fakeHost()], limits: { maxPixels: 1000 } });
    const image = await pngOf(40, 40);
    const content = [{ type: 'image_url', image_url: { url: dataUri(image) } }];
    const payload = { messages: [{ role: 'user', content }] };
    const reply = await app.inject({ method: 'POST', url: chat, payload });
    expect(reply.json().error.message).toContain(
      'found an image of 40x40 pixels, 1600 with the images before it, expected up to 1000 pixels',
    );
    const edit = client.images.edit({ image: await toFile(image, 'a.png'), prompt: 'x' });
    await expect(edit).rejects.toMatchObject({ status: 400, param: 'image' });
  });

  it('over the limit of pixels together are refused, before the model has them', async () => {
    const host = fakeHost();
    const { app, client } = await listeningServer({ models: [host], limits: { maxPixels: 1000 } });
    const image = await pngOf(20, 20);
    const part = { type: 'image_url', image_url: { url: dataUri(image) } };
    const payload = (count: number) => ({ messages: [{ role: 'user', content: Array(count).fill(part) }] });
    expect((await app.inject({ method: 'POST', url: chat, payload: payload(2) })).statusCode).toBe(200);
    const reply = await app.inject({ method: 'POST', url: chat, payload: payload(3) });
    expect(reply.json().error.param).toBe('messages[0].content[2].image_url.url');
    const mask = await pngOf(20, 20, { r: 0, g: 0, b: 0, alpha: 0 });
    const edit = async (count: number) =>
      client.images.edit({
        image: await Promise.all(Array.from({ length: count }, () => toFile(image, 'a.png'))),
        mask: await toFile(mask, 'mask.png'),
        prompt: 'x',
      });
    await edit(1);
    await expect(edit(2)).rejects.toMatchObject({ status: 400, param: 'mask' });
    expect(host.submissions).toHaveLength(2);
  });

  it('over the limit of files are refused', async () => {
    const { app, client } = await listeningServer({ models: [fakeHost()], limits: { maxFiles: 2 } });
    const part = { type: 'image_url', image_url: { url: dataUri(await pngOf(1, 1)) } };
    const payload = { messages: [{ role: 'user', content: [part, part, part] }] };
    const reply = await app.inject({ method: 'POST', url: chat, payload });
    expect(reply.json().error.message).toContain('found 3 files, expected up to 2');
    const image = await Promise.all(
      Array.from({ length: 17 }, async () => toFile(await pngOf(1, 1), 'a.png')),
    );
    await expect(client.images.edit({ image, prompt: 'x' })).rejects.toMatchObject({
      status: 400,
      param: 'image',
    });
  });
});

/** Sends bytes, and returns all that the server answers until it closes the connection. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

describe('connections', () => {
  it.each([
    ['head', 'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'body',
      'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
    ],
    [
      'form',
      'POST /v1/images/edits HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 99\r\n\r\n--x',
    ],
  ])('are closed if a %s does not arrive', async (_, text) => {
    const { app, port } = await listeningServer({ models: [fakeHost()], limits: { receiveTimeout: 100 } });
    expect(await raw(port, text)).toMatch(/^HTTP\/1.1 408 Request Timeout[^]*{"error":{"message":/);
    expect((await app.inject('/v1/models')).statusCode).toBe(200);
  });

  it('get a 400 for what is not HTTP, and a 431 for huge headers', async () => {
    const { port } = await listeningServer({ models: [fakeHost()] });
    expect(await raw(port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*invalid_request_error/);
    const large = `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(port, large)).toMatch(/^HTTP\/1.1 431 [^]*invalid_request_error/);
  });

  it('keep safe request ids, and no others', async () => {
    const app = await testServer({ models: [fakeHost()] });
    const idOf = async (id: string) =>
      (await app.inject({ url: '/v1/models', headers: { 'x-request-id': id } })).headers['x-request-id'];
    expect(await idOf('trace-1.2:3_a')).toBe('trace-1.2:3_a');
    for (const id of ['a\r\nset-cookie: x=1', 'a b', 'é', '<script>', 'x'.repeat(129), '']) {
      expect(await idOf(id)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
