import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { InferenceEvent } from '../inference/model-host.js';
import { modelListResponse } from '../openai/model-list.js';
import { fakeHost } from '../testing-internals/fake-host.js';
import { listeningServer, metricValue, testServer } from '../testing-internals/test-server.js';
import { createServer } from './create-server.js';

const chat = '/v1/chat/completions';
const messages = [{ role: 'user' as const, content: 'a secret text' }];

describe('API keys', () => {
  it('protect /v1, and nothing else', async () => {
    const { app, client } = await listeningServer({ models: [fakeHost()], apiKeys: ['sk-one', 'sk-two'] });
    expect((await client.models.list()).data).toHaveLength(1);
    const statusOf = async (authorization?: string, url = '/v1/models') =>
      (await app.inject({ url, headers: authorization === undefined ? {} : { authorization } })).statusCode;
    expect(await statusOf('Bearer sk-two')).toBe(200);
    expect(await statusOf('bearer sk-two')).toBe(200);
    for (const wrong of [
      undefined,
      '',
      'sk-one',
      'Basic sk-one',
      'Bearer',
      'Bearer sk-on',
      'Bearer sk-one sk-one',
    ]) {
      expect(await statusOf(wrong)).toBe(401);
    }
    for (const open of ['/health', '/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']) {
      expect(await statusOf(undefined, open)).toBe(200);
    }
  });

  it('are asked for before a body is read', async () => {
    const { url, client } = await listeningServer({ models: [fakeHost()], apiKeys: ['sk-one'] });
    const reply = await fetch(url + chat, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    expect(await reply.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    client.apiKey = 'sk-wrong';
    await expect(client.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
  });
});

it('refuses options that would open it to everyone, name no model, or limit nothing', async () => {
  const models = [fakeHost()];
  await expect(createServer({ models, apiKeys: ['sk-one', ''] })).rejects.toThrow('apiKeys[1]: found a key');
  await expect(createServer({ models: [] })).rejects.toThrow('models: found the names []');
  await expect(createServer({ models: [...models, ...models] })).rejects.toThrow('[fake, fake]');
  // Later than that, Node's timers are due at once.
  for (const requestTimeout of [2 ** 31, Infinity, 0, 0.5]) {
    await expect(createServer({ models, limits: { requestTimeout } })).rejects.toThrow(
      'limits.requestTimeout',
    );
  }
});

it('lists and describes models', async () => {
  const models = [fakeHost(), fakeHost({ name: 'org/other', info: undefined })];
  const { client } = await listeningServer({ models });
  const list = modelListResponse.parse({ object: 'list', data: (await client.models.list()).data });
  expect(list.data.map(({ id }) => id)).toEqual(['fake', 'org/other']);
  expect(await client.models.retrieve('fake')).toMatchObject({
    object: 'model',
    modalities: ['text', 'image', 'audio'],
    image_sizes: ['32x32', '64x32'],
  });
  expect(await client.models.retrieve('org/other')).not.toHaveProperty('modalities');
});

it('generates speech as a file, and as events', async () => {
  const { app, client } = await listeningServer({ models: [fakeHost()] });
  const reply = await client.audio.speech.create({
    model: 'fake',
    input: 'hello',
    voice: 'alloy',
    response_format: 'mp3',
  });
  expect(reply.headers.get('content-type')).toBe('audio/wav');
  expect(await reply.text()).toBe('RIFF0000WAVEhello');
  const payload = { input: 'hello', stream_format: 'sse' };
  const { body } = await app.inject({ method: 'POST', url: '/v1/audio/speech', payload });
  const events = body
    .trim()
    .split('\n\n')
    .map((event) => JSON.parse(event.split('data: ')[1]));
  expect(events.map(({ type }) => type)).toEqual(['speech.audio.delta', 'speech.audio.done']);
  expect(Buffer.from(events[0].audio, 'base64').toString()).toBe('RIFF0000WAVEhello');
});

it('generates speech with the fields of denoising and of tokens', async () => {
  const host = fakeHost();
  const app = await testServer({ models: [host] });
  const fields = { num_inference_steps: 9, guidance_scale: 2, scheduler: 'ddim', top_k: 4, seed: 3 };
  const payload = { input: 'hello', negative_prompt: 'noise', ...fields };
  expect((await app.inject({ method: 'POST', url: '/v1/audio/speech', payload })).statusCode).toBe(200);
  expect(host.submissions[0].request).toMatchObject({
    negativePrompt: 'noise',
    seeds: [3],
    options: { numInferenceSteps: 9, guidanceScale: 2, scheduler: 'ddim', topK: 4 },
  });
});

it('fails if speech has no file, whether it is streamed or not', async () => {
  const usage = { promptTokens: 1, promptSpanPositions: 0, generatedTokens: 0, generatedSpanPositions: 0 };
  const silent = async function* (): AsyncGenerator<InferenceEvent, undefined> {
    yield { type: 'end', reason: 'stop', usage };
  };
  const app = await testServer({ models: [{ ...fakeHost(), submit: () => [silent()] }] });
  for (const stream_format of ['audio', 'sse']) {
    const payload = { input: 'hello', stream_format };
    const { statusCode } = await app.inject({ method: 'POST', url: '/v1/audio/speech', payload });
    expect(statusCode).toBe(500);
  }
});

describe('drain', () => {
  it('refuses new requests, ends running ones well, and closes the server', async () => {
    const host = fakeHost({ interval: 5 });
    const { app, client, url } = await listeningServer({ models: [host] });
    const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true });
    let text = '';
    let drained: Promise<void> | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0].delta.content ?? '';
      if (drained !== undefined) continue;
      drained = app.drain();
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      const refused = await fetch(`${url}/v1/models`);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('5');
      expect(refused.headers.get('connection')).toBe('close');
    }
    expect(text).toBe('a secret text');
    await drained;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it('is done at once if nothing runs', async () => {
    const { app } = await listeningServer({ models: [fakeHost()] });
    await Promise.all([app.drain(), app.drain()]);
  });
});

describe('the log', () => {
  it('has a line for a client that goes', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line) => lines.push(line) });
    const { client } = await listeningServer({ models: [fakeHost({ interval: 20 })], logger });
    const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true });
    for await (const chunk of stream) if (chunk) break;
    await vi.waitFor(() => expect(lines.some((line) => line.includes('"isAborted":true'))).toBe(true));
  });

  async function logOf(logPrompts: boolean): Promise<string> {
    let log = '';
    const logger = pino(new Writable({ write: (line, _, done) => (void (log += line), done()) }));
    const app = await createServer({ models: [fakeHost()], apiKeys: ['sk-one'], logger, logPrompts });
    const headers = { authorization: 'Bearer sk-one', 'x-request-id': 'one' };
    await app.inject({ method: 'POST', url: chat, headers, payload: { messages } });
    await app.inject({ method: 'POST', url: chat, headers, payload: { messages, sed: 'a secret text' } });
    await app.close();
    return log;
  }

  it('has a line for each request, without prompts and keys', async () => {
    const log = await logOf(false);
    const [line, refused] = log
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(line).toMatchObject({
      reqId: 'one',
      method: 'POST',
      route: chat,
      status: 200,
      model: 'fake',
      numOutputs: 1,
      promptTokens: 3,
      generatedTokens: 3,
      durationMs: expect.any(Number),
      queueMs: expect.any(Number),
      firstOutputMs: expect.any(Number),
    });
    expect(refused).toMatchObject({ status: 400, errorCode: 'unknown_parameter' });
    expect(log).not.toMatch(/secret|sk-one/);
  });

  it('has what asks for no route, and no probes', async () => {
    const statuses: unknown[] = [];
    const write = (line: string): void => {
      const { status, route } = JSON.parse(line) as Record<string, unknown>;
      statuses.push([status, route]);
    };
    const app = await createServer({ models: [fakeHost()], logger: pino({ level: 'info' }, { write }) });
    for (const url of ['/health', '/metrics', '/v1/nothing', chat]) await app.inject({ method: 'GET', url });
    await app.close();
    expect(statuses).toEqual([
      [404, null],
      [405, null],
    ]);
  });

  it('has prompts if asked to', async () => {
    expect(await logOf(true)).toContain('"prompt":["a secret text"]');
  });
});

it('counts requests, tokens, images and steps', async () => {
  const { app, client } = await listeningServer({ models: [fakeHost()] });
  await client.chat.completions.create({ model: 'fake', messages });
  await client.images.generate({ prompt: 'a cat', n: 2 });
  await vi.waitFor(async () => expect(await metricValue(app, 'vllm:num_requests_running')).toBe(0));
  const values = await Promise.all(
    [
      'vllm:prompt_tokens_total',
      'vllm:generation_tokens_total',
      'vllm:request_success_total',
      'vllm:time_to_first_token_seconds_count',
      'vllm:inter_token_latency_seconds_count',
      'vllm:e2e_request_latency_seconds_count',
      'vllm:request_queue_time_seconds_count',
      'transfusion_denoise_step_seconds_count',
      'transfusion_images_total',
      'transfusion_cache_bytes',
      'transfusion_engine_ticks_total',
    ].map((name) => metricValue(app, name)),
  );
  expect(values).toEqual([7, 35, 3, 3, 2, 3, 3, 2, 2, 1024, 12]);
});

it('does not count the time of an image as that between texts', async () => {
  const app = await testServer({ models: [fakeHost()] });
  const payload = { messages, modalities: ['text', 'image'] };
  await app.inject({ method: 'POST', url: chat, payload });
  // Two texts, an image, a text.
  expect(await metricValue(app, 'vllm:inter_token_latency_seconds_count')).toBe(1);
});

it('counts refused requests by status, and outputs that they end as errors', async () => {
  const app = await testServer({ models: [fakeHost()], limits: { maxQueue: 2 } });
  const post = (payload: object) => app.inject({ method: 'POST', url: chat, payload });
  const link = [{ type: 'image_url', image_url: { url: 'http://x' } }];
  await post({ messages: [{ role: 'user', content: link }], n: 2 });
  await post({ messages, n: 3 });
  await post({ messages, sed: 1 });
  const { body } = await app.inject('/metrics');
  expect(body).toContain('transfusion_requests_refused_total{status="400"} 2');
  expect(body).toContain('transfusion_requests_refused_total{status="429"} 1');
  expect(body).toContain('vllm:request_success_total{model_name="fake",finished_reason="error"} 2');
  expect(body).not.toContain('finished_reason="abort"');
});

describe('the description', () => {
  it('has every route, with its fields, security and errors', async () => {
    const app = await testServer({ models: [fakeHost()] });
    const api = (await app.inject('/openapi.json')).json();
    expect(api.openapi).toBe('3.1.0');
    expect(Object.keys(api.paths)).toEqual(
      expect.arrayContaining([
        '/v1/chat/completions',
        '/v1/images/generations',
        '/v1/images/edits',
        '/v1/audio/speech',
      ]),
    );
    const edit = api.paths['/v1/images/edits'].post;
    const resolve = (schema: { $ref: string }) => api.components.schemas[schema.$ref.split('/').at(-1)!];
    const form = resolve(edit.requestBody.content['multipart/form-data'].schema);
    expect(form.properties.mask).toMatchObject({
      description: expect.stringContaining('transparent pixels'),
    });
    expect(JSON.stringify(form.properties.image)).toContain('"format":"binary"');
    expect(edit.security).toEqual([{ apiKey: [] }]);
    const { properties } = resolve(api.paths[chat].post.requestBody.content['application/json'].schema);
    for (const [name, field] of Object.entries<{ description?: string }>(properties)) {
      expect(field.description, name).toBeTruthy();
    }
    expect(properties.size).toMatchObject({ anyOf: [{ type: 'string' }, { type: 'null' }] });
    expect(Object.keys(api.components.schemas)).not.toContain('ErrorResponseInput');
    expect(Object.keys(edit.responses)).toEqual(['200', '4XX', '5XX']);
    // The page sends the examples.
    const urls = [chat, '/v1/responses', '/v1/images/generations', '/v1/audio/speech'];
    for (const url of urls) {
      const { examples } = resolve(api.paths[url].post.requestBody.content['application/json'].schema);
      const { statusCode } = await app.inject({ method: 'POST', url, payload: examples[0] });
      expect(statusCode, url).toBe(200);
    }
  });

  it('has a page that loads everything from the server', async () => {
    const app = await testServer({ models: [fakeHost()] });
    const page = await app.inject('/docs');
    expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    const scripts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link);
    for (const link of scripts) {
      expect((await app.inject(new URL(link, 'http://x/docs').pathname)).statusCode).toBe(200);
    }
  });
});
