import { afterEach, expect, it, vi } from 'vitest';
import { BackendError, type GenerationEvent, type GenerationRequest } from './backend.js';
import { responseBody } from './response-body.js';
import { serverBackend } from './server-backend.js';

const request: GenerationRequest = { mode: 'auto', prompt: 'a cat', images: [], seed: 7, numPreviews: 4 };
const png = btoa('\u0089PNG');

afterEach(() => vi.unstubAllGlobals());

function answer(body: string, status = 200): ReturnType<typeof vi.fn> {
  const fetch = vi.fn(async () => new Response(body, { status }));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

const streamOf = (...events: readonly object[]): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

async function eventsOf(signal = new AbortController().signal): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of serverBackend('/v1', () => 'sk-1').generate(request, signal)) events.push(event);
  return events;
}

it('translates the events of a reply', async () => {
  const fetch = answer(
    streamOf(
      { type: 'response.created', response: { model: 'emoji' } },
      { type: 'response.output_text.delta', output_index: 0, delta: 'a ' },
      {
        type: 'response.image_generation_call.generating',
        output_index: 1,
        step: 1,
        num_steps: 2,
        timestep: 9,
      },
      { type: 'response.image_generation_call.partial_image', output_index: 1, partial_image_b64: png },
      {
        type: 'response.output_item.done',
        output_index: 1,
        item: { type: 'image_generation_call', result: png },
      },
      {
        type: 'response.output_item.done',
        output_index: 2,
        item: { type: 'output_file', media_type: 'audio/wav', result: btoa('RIFF') },
      },
      {
        type: 'response.incomplete',
        response: { usage: { input_tokens: 3, output_tokens: 4 }, timings: { a_ms: 1 } },
      },
    ),
  );
  const image = { mediaType: 'image/png', bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47) };
  expect(await eventsOf()).toEqual([
    { type: 'start', model: 'emoji' },
    { type: 'text', item: 0, text: 'a ' },
    { type: 'step', item: 1, step: 1, numSteps: 2, timestep: 9 },
    { type: 'preview', item: 1, value: image },
    { type: 'value', item: 1, value: image },
    {
      type: 'value',
      item: 2,
      value: { mediaType: 'audio/wav', bytes: Uint8Array.of(0x52, 0x49, 0x46, 0x46) },
    },
    { type: 'end', reason: 'length', usage: { inputTokens: 3, outputTokens: 4 }, timings: { a_ms: 1 } },
  ]);
  const [url, init] = fetch.mock.calls[0] as unknown as [string, RequestInit];
  expect(url).toBe('/v1/responses');
  expect(init.headers).toMatchObject({ authorization: 'Bearer sk-1' });
  expect(JSON.parse(String(init.body))).toEqual({
    input: 'a cat',
    tools: [{ type: 'image_generation', partial_images: 4 }],
    seed: 7,
    stream: true,
  });
});

it.each([
  [401, 'key'],
  [400, 'request'],
  [429, 'busy'],
  [503, 'busy'],
  [502, 'unreachable'],
  [500, 'failed'],
])('explains status %i', async (status, kind) => {
  answer(JSON.stringify({ error: { message: 'why', param: 'size' } }), status);
  await expect(eventsOf()).rejects.toMatchObject({ kind, message: 'why', param: 'size' });
  answer('<html>', status);
  await expect(eventsOf()).rejects.toMatchObject({ kind, message: expect.stringContaining(String(status)) });
});

it('explains a reply that breaks off, an error in it, and what is no event', async () => {
  const start = { type: 'response.created', response: { model: 'emoji' } };
  answer(streamOf(start));
  await expect(eventsOf()).rejects.toMatchObject({ kind: 'unreachable' });
  answer(streamOf(start, { error: { message: 'out of memory' } }));
  await expect(eventsOf()).rejects.toMatchObject({ kind: 'failed', message: 'out of memory' });
  answer('data: <html>\n\n');
  await expect(eventsOf()).rejects.toBeInstanceOf(BackendError);
});

it('ends with the reason of the signal', async () => {
  const controller = new AbortController();
  vi.stubGlobal('fetch', async () => {
    controller.abort(new Error('stopped'));
    throw new TypeError('aborted');
  });
  await expect(eventsOf(controller.signal)).rejects.toThrow('stopped');
});

it('reads the models', async () => {
  answer(
    JSON.stringify({
      data: [{ id: 'emoji', modalities: ['text'], image_sizes: ['64x64'] }, { id: 'other' }],
    }),
  );
  expect(await serverBackend('/v1', () => undefined).models()).toEqual([
    { name: 'emoji', modalities: ['text'], imageSizes: ['64x64'] },
    { name: 'other' },
  ]);
});

it('sends what belongs to the kind of reply', () => {
  const images = [{ dataUri: 'data:,x' }];
  const full = { ...request, images, mask: 'data:,m', size: '8x8', temperature: 0.5, negativePrompt: 'dog' };
  expect(responseBody({ ...full, mode: 'image' })).toEqual({
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: 'data:,x' },
          { type: 'input_text', text: 'a cat' },
        ],
      },
    ],
    tools: [
      {
        type: 'image_generation',
        partial_images: 4,
        size: '8x8',
        input_image_mask: { image_url: 'data:,m' },
      },
    ],
    tool_choice: 'required',
    seed: 7,
    negative_prompt: 'dog',
  });
  expect(responseBody({ ...full, mode: 'text', images: [] })).toEqual({
    input: 'a cat',
    temperature: 0.5,
    seed: 7,
  });
});
