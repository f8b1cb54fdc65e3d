import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { InferenceError } from '../inference/model-host.js';
import { errorResponse } from '../openai/api-error.js';
import { fakeHost } from '../testing-internals/fake-host.js';
import { dataUri, pngHeaderOf } from '../testing-internals/images.js';
import { listeningServer, metricValue, testServer } from '../testing-internals/test-server.js';

const image = '/v1/images/generations';
const chat = '/v1/chat/completions';

async function post(app: FastifyInstance, url: string, payload: InjectOptions['payload']) {
  const reply = await app.inject({ method: 'POST', url, payload });
  return { ...errorOf(reply), status: reply.statusCode, headers: reply.headers };
}

function errorOf(reply: LightMyRequestResponse) {
  return errorResponse.parse(reply.json()).error;
}

const say = (content: unknown) => ({ messages: [{ role: 'user', content }] });
const show = (url: unknown) => say([{ type: 'image_url', image_url: { url } }]);

describe('a request with a wrong field is refused with 400, and the field', () => {
  it.each<[string, string, object, string, string]>([
    ['an unknown field', image, { prompt: 'x', sed: 3 }, 'sed', "Did you mean 'seed'?"],
    [
      'an unknown field in a part',
      chat,
      say([{ type: 'text', text: 'x', txt: 1 }]),
      'messages[0].content[0].txt',
      'Remove it',
    ],
    ['no prompt', image, {}, 'prompt', 'found nothing'],
    ['a number for a text', image, { prompt: 3 }, 'prompt', 'found 3. '],
    ['too many images', image, { prompt: 'x', n: 11 }, 'n', 'found 11'],
    ['a size without x', image, { prompt: 'x', size: 'large' }, 'size', 'found "large"'],
    ['too many previews', image, { prompt: 'x', partial_images: 4 }, 'partial_images', 'found 4'],
    [
      'a transparent background',
      image,
      { prompt: 'x', background: 'transparent' },
      'background',
      'opaque images only',
    ],
    ['no messages', chat, { messages: [] }, 'messages', 'found a list of 0'],
    [
      'an unknown role',
      chat,
      { messages: [{ role: 'tool', content: 'x' }] },
      'messages[0].role',
      'found "tool"',
    ],
    ['a content of a wrong type', chat, say(7), 'messages[0].content', 'Expected string or array'],
    ['an unknown part', chat, say([{ type: 'video' }]), 'messages[0].content[0].type', 'found "video"'],
    ['a size of an image in a text', chat, { ...say('x'), size: '64x64' }, 'size', "modalities ['image']"],
    [
      'a very long key',
      chat,
      { ...say('x'), metadata: { ['k'.repeat(100_000)]: 'x' } },
      `metadata.${'k'.repeat(64)}`,
      'Too big',
    ],
    [
      'audio that is not there',
      chat,
      { messages: [{ role: 'assistant', audio: { id: 'a' } }] },
      'messages[0].audio.data',
      'found nothing',
    ],
    ['too many stops', chat, { ...say('x'), stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'found a list of 5'],
    ['a bias of no token', chat, { ...say('x'), logit_bias: { cat: 1 } }, 'logit_bias.cat', 'token ids'],
    ['a penalty', chat, { ...say('x'), frequency_penalty: 1 }, 'frequency_penalty', 'repetition_penalty'],
    ['another speed', '/v1/audio/speech', { input: 'x', speed: 2 }, 'speed', 'found 2'],
    [
      'a link',
      chat,
      show('http://169.254.169.254/latest'),
      'messages[0].content[0].image_url.url',
      'follows no links',
    ],
    [
      'a file URL',
      chat,
      show('file:///etc/passwd'),
      'messages[0].content[0].image_url.url',
      'a link or a path',
    ],
    ['a path', chat, show('/etc/passwd'), 'messages[0].content[0].image_url.url', 'reads no files'],
    [
      'broken base64',
      chat,
      show('data:image/png;base64,@@@@'),
      'messages[0].content[0].image_url.url',
      'not base64',
    ],
    [
      'a data URI of text',
      chat,
      show('data:,hello'),
      'messages[0].content[0].image_url.url',
      'without media type',
    ],
    [
      'an SVG',
      chat,
      show(dataUri(Buffer.from('<svg/>'), 'image/svg+xml')),
      'messages[0].content[0].image_url.url',
      'another format',
    ],
    [
      'a damaged PNG',
      chat,
      show(dataUri(pngHeaderOf(8, 8).subarray(0, 20))),
      'messages[0].content[0].image_url.url',
      'damaged',
    ],
    [
      'a huge image',
      chat,
      show(dataUri(pngHeaderOf(40_000, 40_000))),
      'messages[0].content[0].image_url.url',
      '40000x40000',
    ],
  ])('%s', async (_, url, body, param, message) => {
    const host = fakeHost();
    const app = await testServer({ models: [host] });
    const error = await post(app, url, body);
    expect(error).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param,
      message: expect.stringContaining(message),
    });
    expect(error.message.length).toBeLessThan(400);
    expect(host.submissions).toEqual([]);
    expect(await metricValue(app, 'vllm:num_requests_waiting')).toBe(0);
  });
});

it('knows no other models, and asks for one if there are several', async () => {
  const { app, client } = await listeningServer({ models: [fakeHost(), fakeHost({ name: 'other' })] });
  const unknown = { status: 404, code: 'model_not_found', param: 'model' };
  const request = client.images.generate({ model: 'nothing', prompt: 'x' });
  await expect(request).rejects.toMatchObject(unknown);
  await expect(client.models.retrieve('nothing')).rejects.toMatchObject(unknown);
  expect(await post(app, image, { prompt: 'x' })).toMatchObject({ status: 400, param: 'model' });
});

it.each<[string, InjectOptions, number]>([
  ['an unknown route', { method: 'GET', url: '/v1/nothing' }, 404],
  ['a wrong method', { method: 'GET', url: chat }, 405],
  ['a wrong method of a route with a parameter', { method: 'DELETE', url: '/v1/models/fake' }, 405],
  [
    'broken JSON for an unknown route',
    { method: 'POST', url: '/nothing', payload: '{', headers: { 'content-type': 'application/json' } },
    404,
  ],
  ['a method that needs a media type', { method: 'QUERY', url: '/health' } as InjectOptions, 405],
  [
    'a wrong media type',
    { method: 'POST', url: chat, payload: 'a=b', headers: { 'content-type': 'text/plain' } },
    415,
  ],
  ['JSON for a form', { method: 'POST', url: '/v1/images/edits', payload: { prompt: 'x' } }, 415],
  [
    'a form for JSON',
    {
      method: 'POST',
      url: chat,
      payload: '--x--',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    },
    415,
  ],
  [
    'broken JSON',
    { method: 'POST', url: chat, payload: '{', headers: { 'content-type': 'application/json' } },
    400,
  ],
  ['no body', { method: 'POST', url: chat, headers: { 'content-type': 'application/json' } }, 400],
  [
    'a prototype',
    {
      method: 'POST',
      url: chat,
      payload: '{"__proto__": {}}',
      headers: { 'content-type': 'application/json' },
    },
    400,
  ],
  ['a broken path', { method: 'GET', url: '/v1/models/%zz' }, 400],
])('answers %s with an OpenAI error', async (_, request, status) => {
  const app = await testServer({ models: [fakeHost()] });
  const reply = await app.inject(request);
  expect(reply.statusCode).toBe(status);
  expect(errorOf(reply).type).toBe('invalid_request_error');
  expect(reply.headers['x-request-id']).toBeTruthy();
});

describe('errors of the model', () => {
  it.each([
    ['invalid', 400, 'prompt: too long'],
    ['unavailable', 503, 'Send the request again'],
    ['internal', 500, 'x-request-id'],
  ] as const)('%s: %i before the first byte', async (kind, status, message) => {
    const failure = { error: new InferenceError(kind, 'prompt: too long'), after: 0 };
    const app = await testServer({ models: [fakeHost({ failure })] });
    for (const stream of [false, true]) {
      const reply = await post(app, chat, { ...say('x'), stream });
      expect(reply).toMatchObject({ status, message: expect.stringContaining(message) });
      expect(reply.headers['retry-after'] !== undefined).toBe(status === 503);
    }
    expect(await metricValue(app, 'vllm:num_requests_waiting')).toBe(0);
  });

  it('name the field at fault, whether the reply is streamed or not', async () => {
    const failure = { error: new InferenceError('invalid', 'max_tokens: too many', 'max_tokens'), after: 0 };
    const app = await testServer({ models: [fakeHost({ failure })] });
    for (const stream of [false, true]) {
      expect(await post(app, chat, { ...say('x'), stream })).toMatchObject({
        status: 400,
        param: 'max_tokens',
      });
    }
  });

  it('are logged with the stack of their process if the server is at fault', async () => {
    const error = new InferenceError('internal', 'out of memory');
    error.stack = 'Error: out of memory\n    at runGraph';
    let log = '';
    const logger = pino({ level: 'error' }, { write: (line) => void (log += line) });
    const app = await testServer({ models: [fakeHost({ failure: { error, after: 0 } })], logger });
    const { message } = await post(app, chat, say('x'));
    expect(message).not.toContain('memory');
    expect(log).toContain('at runGraph');
  });

  it('end a stream with an error, and without its last event', async () => {
    const failure = { error: new InferenceError('internal', 'a secret'), after: 5 };
    const { app, client } = await listeningServer({ models: [fakeHost({ failure })] });
    const reply = await app.inject({
      method: 'POST',
      url: chat,
      payload: { ...say('a b c d e f'), stream: true },
    });
    expect(reply.statusCode).toBe(200);
    expect(reply.body.trim().split('\n\n').at(-1)).toMatch(/^data: {"error":{"message":"The server failed/);
    expect(reply.body).not.toContain('[DONE]');
    expect(reply.body).not.toContain('secret');
    const stream = await client.images.generate({ prompt: 'x', stream: true, partial_images: 3 });
    const read = async () => {
      for await (const event of stream) expect(event.type).toBe('image_generation.partial_image');
    };
    await expect(read()).rejects.toMatchObject({ code: 'internal_error' });
    expect(await metricValue(app, 'vllm:num_requests_running')).toBe(0);
  });

  it('are a 503 while the model is being loaded', async () => {
    const app = await testServer({ models: [fakeHost({ info: undefined })] });
    const reply = await post(app, chat, say('x'));
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect((await app.inject('/readyz')).statusCode).toBe(503);
    expect((await app.inject('/health')).statusCode).toBe(200);
  });
});
