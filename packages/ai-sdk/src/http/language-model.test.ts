import { createProviderRegistry, generateText, streamText, type TextStreamPart, type ToolSet } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createTransfusion,
  type TransfusionLanguageModelOptions,
  type TransfusionProvider,
} from '../index.js';
import { pngLike } from '../testing-internals/png-like.js';
import {
  byteStream,
  chunk,
  eventsOf,
  imagePart,
  startWireServer,
  type WireServer,
} from '../testing-internals/wire-server.js';

let server: WireServer;
let transfusion: TransfusionProvider;
beforeAll(async () => {
  server = await startWireServer();
  transfusion = createTransfusion({
    baseURL: `${server.baseURL}/`,
    apiKey: 'key',
    headers: { 'X-Team': 'a' },
  });
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

const usage = {
  prompt_tokens: 7,
  completion_tokens: 20,
  total_tokens: 27,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { image_tokens: 16 },
};
const hello = eventsOf(
  chunk({ role: 'assistant', content: 'Hello' }),
  chunk({ content: ' world' }),
  chunk({}, 'stop'),
  { ...chunk({}), choices: [], usage },
);
const options = (values: TransfusionLanguageModelOptions) => ({ transfusion: values });

async function partsOf(stream: AsyncIterable<TextStreamPart<ToolSet>>): Promise<TextStreamPart<ToolSet>[]> {
  const parts: TextStreamPart<ToolSet>[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

describe('generateText', () => {
  it('returns text, finish reason, usage and metadata', async () => {
    server.answers = [byteStream(hello)];
    const result = await generateText({ model: transfusion('fruit'), prompt: 'Hi' });
    expect(result.text).toBe('Hello world');
    expect(result.finishReason).toBe('stop');
    expect(result.usage).toMatchObject({
      inputTokens: 7,
      outputTokens: 20,
      totalTokens: 27,
      inputTokenDetails: { cacheReadTokens: 3, noCacheTokens: 4 },
      outputTokenDetails: { textTokens: 4 },
    });
    expect(result.response).toMatchObject({
      id: 'chatcmpl-1',
      modelId: 'fruit',
      timestamp: new Date(1_700_000_000_000),
    });
    expect(result.response.headers?.['x-request-id']).toBe('req-1');
    expect(result.providerMetadata).toEqual({ transfusion: { seed: 5 } });
    expect(result.warnings).toEqual([]);
  });

  it('sends the prompt, the settings and the options', async () => {
    server.answers = [byteStream(hello)];
    const image = pngLike(1);
    const base64 = Buffer.from(image).toString('base64');
    await generateText({
      model: transfusion('fruit'),
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'A' },
            { type: 'image', image },
            { type: 'image', image: `data:image/png;base64,${base64}` },
            { type: 'file', data: base64, mediaType: 'image/webp' },
            { type: 'file', data: Uint8Array.of(1, 2), mediaType: 'audio/mpeg' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'B' },
            { type: 'file', data: image, mediaType: 'image/png' },
          ],
        },
        { role: 'user', content: 'C' },
      ],
      maxOutputTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      seed: 3,
      stopSequences: ['x'],
      headers: { 'x-trace': 't' },
      providerOptions: options({
        modalities: ['text', 'image'],
        numInferenceSteps: 4,
        guidanceScale: 2,
        imageGuidanceScale: 1.5,
        guidanceInterval: [200, 800],
        negativePrompt: 'blurry',
        scheduler: 'ddim',
        minP: 0.1,
        repetitionPenalty: 1.1,
        minTokens: 2,
        maxImages: 3,
      }),
    });
    const [{ path, headers, json: body }] = server.requests;
    expect(path).toBe('/v1/chat/completions');
    expect(headers).toMatchObject({ authorization: 'Bearer key', 'x-team': 'a', 'x-trace': 't' });
    const part = imagePart(image);
    const webp = { type: 'image_url', image_url: { url: `data:image/webp;base64,${base64}` } };
    const audio = { type: 'input_audio', input_audio: { data: 'AQI=', format: 'mp3' } };
    expect(body).toEqual({
      model: 'fruit',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'A' }, part, part, webp, audio] },
        { role: 'assistant', content: [{ type: 'text', text: 'B' }, part] },
        { role: 'user', content: 'C' },
      ],
      modalities: ['text', 'image'],
      max_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 4,
      seed: 3,
      stop: ['x'],
      num_inference_steps: 4,
      guidance_scale: 2,
      image_guidance_scale: 1.5,
      guidance_interval: [200, 800],
      negative_prompt: 'blurry',
      scheduler: 'ddim',
      min_p: 0.1,
      repetition_penalty: 1.1,
      min_tokens: 2,
      max_images: 3,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('takes an undefined option for none', async () => {
    server.answers = [byteStream(hello)];
    const call = { model: transfusion('fruit'), prompt: 'Hi', topK: 4 };
    await generateText({ ...call, providerOptions: options({ topK: undefined }) });
    expect(server.requests[0].json.top_k).toBe(4);
  });

  it('sends a size for an image alone', async () => {
    server.answers = [byteStream(hello)];
    const call = (modalities: TransfusionLanguageModelOptions['modalities']) =>
      generateText({
        model: transfusion('fruit'),
        prompt: 'Hi',
        providerOptions: options({ modalities, size: '64x64' }),
      });
    expect((await call(['image'])).warnings).toEqual([]);
    expect((await call(['text', 'image'])).warnings).toMatchObject([{ feature: 'size' }]);
    expect((await call(undefined)).warnings).toMatchObject([{ feature: 'size' }]);
    expect(server.requests.map(({ json: { size } }) => size)).toEqual(['64x64', undefined, undefined]);
  });

  it('asks for text alone by default', async () => {
    server.answers = [byteStream(hello)];
    await generateText({ model: transfusion('fruit'), prompt: 'Hi' });
    expect(server.requests[0].json).toEqual({
      model: 'fruit',
      messages: [{ role: 'user', content: 'Hi' }],
      modalities: ['text'],
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('keeps texts and images in order', async () => {
    server.answers = [
      byteStream(
        eventsOf(
          chunk({ content: 'one ' }),
          chunk({ images: [imagePart(pngLike(1)), imagePart(pngLike(2))] }),
          chunk({ content: 'two' }),
          chunk({ content: [{ type: 'text', text: '!' }, imagePart(pngLike(3))] }),
          chunk({}, 'length'),
        ),
      ),
    ];
    const result = await generateText({
      model: transfusion('fruit'),
      prompt: 'Hi',
      providerOptions: options({ modalities: ['text', 'image'] }),
    });
    expect(result.content.map((part) => (part.type === 'text' ? part.text : part.type))).toEqual([
      'one ',
      'file',
      'file',
      'two!',
      'file',
    ]);
    expect(result.files.map(({ uint8Array, mediaType }) => [uint8Array.at(-1), mediaType])).toEqual(
      [1, 2, 3].map((number) => [number, 'image/png']),
    );
    expect(result.finishReason).toBe('length');
    expect(result.usage.totalTokens).toBeUndefined();
  });

  it('returns audio as a file', async () => {
    const data = Buffer.from('RIFF....WAVE').toString('base64');
    server.answers = [byteStream(eventsOf(chunk({ audio: { id: 'a', data } }), chunk({}, 'stop')))];
    const { files } = await generateText({
      model: transfusion('bird'),
      prompt: 'Hi',
      providerOptions: options({ modalities: ['audio'] }),
    });
    expect(files.map(({ base64, mediaType }) => [base64, mediaType])).toEqual([[data, 'audio/wav']]);
  });

  it('warns about what it does not do', async () => {
    server.answers = [byteStream(hello)];
    const { warnings } = await transfusion('fruit').doGenerate({
      prompt: [
        { role: 'user', content: [{ type: 'text', text: 'A' }] },
        { role: 'assistant', content: [{ type: 'reasoning', text: 'hm' }] },
      ],
      presencePenalty: 1,
      frequencyPenalty: 1,
      tools: [{ type: 'function', name: 'f', inputSchema: { type: 'object' } }],
      toolChoice: { type: 'required' },
      responseFormat: { type: 'json' },
      providerOptions: { transfusion: { stepz: 3 }, other: { x: 1 } },
    });
    expect(warnings.map((warning) => warning.type === 'unsupported' && warning.feature)).toEqual([
      'presencePenalty',
      'frequencyPenalty',
      'tools',
      'toolChoice',
      'responseFormat',
      'reasoning in the prompt',
      'providerOptions.transfusion.stepz',
    ]);
    expect(server.requests[0].json).not.toHaveProperty('stepz');
  });

  it('refuses addresses and tools in the prompt', async () => {
    const model = transfusion('fruit');
    const file = {
      type: 'file' as const,
      mediaType: 'image/png',
      data: new URL('https://example.org/a.png'),
    };
    await expect(model.doGenerate({ prompt: [{ role: 'user', content: [file] }] })).rejects.toThrow(
      'found the URL https://example.org/a.png, expected the file itself',
    );
    const result = {
      type: 'tool-result' as const,
      toolCallId: '1',
      toolName: 'f',
      output: { type: 'text' as const, value: '' },
    };
    await expect(model.doGenerate({ prompt: [{ role: 'tool', content: [result] }] })).rejects.toMatchObject({
      name: 'AI_UnsupportedFunctionalityError',
    });
    expect(server.requests).toEqual([]);
  });
});

describe('streamText', () => {
  it('streams texts and files', async () => {
    server.answers = [
      byteStream(
        eventsOf(
          chunk({ content: 'a' }),
          chunk({ content: 'b' }),
          chunk({ images: [imagePart(pngLike(1))] }),
          chunk({ content: 'c' }),
          chunk({}, 'stop'),
          { choices: [], usage },
        ),
      ),
    ];
    const result = streamText({ model: transfusion('fruit'), prompt: 'Hi' });
    const parts = await partsOf(result.fullStream);
    expect(parts.map((part) => ('id' in part ? `${part.type} ${part.id}` : part.type))).toEqual([
      'start',
      'start-step',
      'text-start 0',
      'text-delta 0',
      'text-delta 0',
      'text-end 0',
      'file',
      'text-start 1',
      'text-delta 1',
      'text-end 1',
      'finish-step',
      'finish',
    ]);
    expect(await result.text).toBe('abc');
    expect((await result.files)[0].uint8Array).toEqual(pngLike(1));
    expect((await result.response).modelId).toBe('fruit');
    expect((await result.usage).outputTokens).toBe(20);
    expect(await result.providerMetadata).toEqual({ transfusion: { seed: 5 } });
  });

  it('keeps the connection for the next request', async () => {
    const own = await startWireServer();
    // The end of the body comes after `[DONE]`.
    own.answers = [byteStream(hello, '')];
    const model = createTransfusion({ baseURL: own.baseURL })('fruit');
    for (let i = 0; i < 3; i++) {
      await streamText({ model, prompt: 'Hi' }).consumeStream();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(new Set(own.requests.map(({ clientPort }) => clientPort)).size).toBe(1);
    await own.close();
  });

  it.each([1, 2, 3, 5, 7])(
    'reads characters and lines that are split over chunks of %i bytes',
    async (size) => {
      const text = 'é本😀\r\n"quoted"';
      const events = `: comment\r\n\r\n${eventsOf(chunk({ content: text }), chunk({}, 'stop')).replaceAll('\n', '\r\n')}`;
      const bytes = new TextEncoder().encode(events);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      );
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (const piece of chunks) controller.enqueue(piece);
          controller.close();
        },
      });
      const local = createTransfusion({ baseURL: 'http://local/v1', fetch: async () => new Response(body) });
      expect((await generateText({ model: local('fruit'), prompt: 'Hi' })).text).toBe(text);
    },
  );

  it('sends texts and files to a chat in the browser', async () => {
    server.answers = [
      byteStream(
        eventsOf(chunk({ content: 'a' }), chunk({ images: [imagePart(pngLike(1))] }), chunk({}, 'stop')),
      ),
    ];
    const response = streamText({ model: transfusion('fruit'), prompt: 'Hi' }).toUIMessageStreamResponse();
    const body = await response.text();
    expect(body).toContain('"type":"text-delta","id":"0","delta":"a"');
    expect(body).toContain(`"url":"data:image/png;base64,${Buffer.from(pngLike(1)).toString('base64')}"`);
  });

  it('shows raw chunks when asked', async () => {
    server.answers = [byteStream(hello)];
    const result = streamText({ model: transfusion('fruit'), prompt: 'Hi', includeRawChunks: true });
    const raw = (await partsOf(result.fullStream)).filter(({ type }) => type === 'raw');
    expect(raw).toHaveLength(4);
  });
});

it('is found in a registry of providers', async () => {
  server.answers = [byteStream(hello)];
  const registry = createProviderRegistry({ transfusion });
  const { text } = await generateText({ model: registry.languageModel('transfusion:fruit'), prompt: 'Hi' });
  expect(text).toBe('Hello world');
  expect(registry.imageModel('transfusion:fruit').modelId).toBe('fruit');
});
