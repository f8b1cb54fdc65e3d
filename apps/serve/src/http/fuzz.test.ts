import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { expect, it } from 'vitest';
import { chatRequest } from '../openai/chat-request.js';
import { errorResponse } from '../openai/api-error.js';
import { imageEditRequest, imageGenerationRequest } from '../openai/image-request.js';
import { responsesRequest } from '../openai/responses-request.js';
import { speechRequest } from '../openai/speech.js';
import { fakeHost } from '../testing-internals/fake-host.js';
import { dataUri, pngHeaderOf, pngOf } from '../testing-internals/images.js';
import { metricValue, testServer } from '../testing-internals/test-server.js';

const png = await pngOf(32, 32);

const value = fc.oneof(
  fc
    .anything({ maxDepth: 2, withNullPrototype: false })
    .map((one) => JSON.parse(JSON.stringify(one) ?? 'null')),
  fc.constantFrom<unknown>(
    ...[
      0,
      1,
      2,
      -1,
      0.5,
      1e9,
      1e308,
      '',
      'x',
      '32x32',
      'auto',
      'png',
      'jpeg',
      'url',
      'fake',
      'other',
      true,
      false,
      null,
    ],
    ...[[], {}, ['text'], ['image'], ['text', 'image'], [0, 1], { 1: 2 }, 'parts', 'sse', 'transparent'],
  ),
);

const part = fc.oneof(
  fc.constantFrom<unknown>(
    { type: 'text', text: 'a b' },
    { type: 'image_url', image_url: { url: dataUri(png) } },
    { type: 'image_url', image_url: { url: dataUri(pngHeaderOf(40_000, 40_000)) } },
    { type: 'image_url', image_url: { url: '/etc/passwd' } },
    { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
  ),
  fc.string().map((text) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${text}` } })),
  value,
);

const messages = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(fc.record({ role: fc.constant('user'), content: fc.array(part, { maxLength: 3 }) }), {
      maxLength: 3,
    }),
  },
  { weight: 1, arbitrary: value },
);

const responsesInput = fc.array(
  fc.oneof(
    fc.record({
      role: fc.constant('user'),
      content: fc.oneof(fc.constant('a cat'), fc.array(value, { maxLength: 2 })),
    }),
    fc.constant({ type: 'image_generation_call', result: png.toString('base64') }),
    value,
  ),
  { maxLength: 3 },
);

const tools = fc.constantFrom<unknown>(
  undefined,
  [],
  [{ type: 'image_generation' }],
  [{ type: 'image_generation', size: '32x32', partial_images: 2 }],
  [{ type: 'image_generation', input_image_mask: { image_url: dataUri(png) } }],
  [{ type: 'function' }],
);
const toolChoice = fc.constantFrom<unknown>(undefined, 'auto', 'none', 'required', 'x');

/** A body whose required fields are mostly right, with a few random fields of the schema and of others. */
function bodyOf(base: Record<string, fc.Arbitrary<unknown>>, schema: { readonly shape: object }) {
  const name = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...Object.keys(schema.shape)) },
    { weight: 1, arbitrary: fc.string() },
  );
  return fc
    .tuple(fc.record(base, { requiredKeys: [] }), fc.dictionary(name, value, { maxKeys: 2 }))
    .map(([required, others]) => ({ ...others, ...required }));
}

const text = fc.oneof({ weight: 4, arbitrary: fc.constant('a cat') }, { weight: 1, arbitrary: value });
const boundary = 'fuzz-boundary';

function formOf(fields: Record<string, unknown>): InjectOptions {
  const parts = Object.entries(fields).map(([name, one]) => {
    const isFile = name.startsWith('image') || name === 'mask';
    const head = `Content-Disposition: form-data; name="${name}"${isFile ? '; filename="a.png"' : ''}`;
    const content =
      isFile && one !== 'x' ? png : Buffer.from(typeof one === 'string' ? one : JSON.stringify(one));
    return Buffer.concat([Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), content, Buffer.from('\r\n')]);
  });
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

const json = (url: string, body: fc.Arbitrary<unknown>): fc.Arbitrary<InjectOptions> =>
  body.map((payload) => ({
    url,
    payload: JSON.stringify(payload),
    headers: { 'content-type': 'application/json' },
  }));

const request: fc.Arbitrary<InjectOptions> = fc.oneof(
  json('/v1/chat/completions', bodyOf({ messages }, chatRequest)),
  json(
    '/v1/responses',
    bodyOf({ input: fc.oneof(text, responsesInput), tools, tool_choice: toolChoice }, responsesRequest),
  ),
  json('/v1/images/generations', bodyOf({ prompt: text }, imageGenerationRequest)),
  json('/v1/audio/speech', bodyOf({ input: text }, speechRequest)),
  bodyOf({ prompt: text, image: fc.constant('') }, imageEditRequest).map((body) => ({
    url: '/v1/images/edits',
    ...formOf(body),
  })),
  fc
    .tuple(
      fc.constantFrom('/v1/chat/completions', '/v1/images/edits', '/v1/nothing'),
      fc.string(),
      fc.constantFrom('application/json', 'multipart/form-data; boundary=x', 'text/plain', 'x'),
    )
    .map(([url, payload, type]) => ({ url, payload, headers: { 'content-type': type } })),
);

it('answers 300 random requests with success or an OpenAI error, and is idle afterwards', async () => {
  const app = await testServer({ models: [fakeHost()], limits: { maxQueue: 20 } });
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(request, async (options) => {
      const { statusCode, body, headers } = await app.inject({ method: 'POST', ...options });
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
      expect(statusCode).toBeLessThan(500);
      expect(headers['x-request-id']).toBeTruthy();
      if (statusCode >= 400) errorResponse.parse(JSON.parse(body));
      else expect(body).not.toContain('"error":{');
    }),
    { numRuns: 300, seed: 1 },
  );
  // Otherwise the requests are too wrong, or not wrong enough, to test anything.
  expect(statuses.get(200)).toBeGreaterThan(30);
  expect(statuses.get(400)).toBeGreaterThan(100);
  for (const gauge of ['vllm:num_requests_running', 'vllm:num_requests_waiting']) {
    expect(await metricValue(app, gauge)).toBe(0);
  }
  const plain = await app.inject({ method: 'POST', url: '/v1/images/generations', payload: { prompt: 'x' } });
  expect(plain.statusCode).toBe(200);
});
