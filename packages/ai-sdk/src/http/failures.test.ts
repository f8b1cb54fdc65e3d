import { APICallError, generateText, RetryError, streamText, type TextStreamPart, type ToolSet } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTransfusion, type TransfusionProvider } from '../index.js';
import {
  byteStream,
  chunk,
  eventsOf,
  failure,
  json,
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

const hello = eventsOf(chunk({ content: 'Hello world' }), chunk({}, 'stop'));

async function partsOf(stream: AsyncIterable<TextStreamPart<ToolSet>>): Promise<TextStreamPart<ToolSet>[]> {
  const parts: TextStreamPart<ToolSet>[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

describe('failures', () => {
  const body = chunk({ content: 'half' });
  it.each<[string, ReturnType<typeof byteStream>, string, boolean]>([
    [
      'a stream without its end',
      byteStream(eventsOf(body).replace('data: [DONE]', '')),
      'before the reply was complete',
      true,
    ],
    [
      'a connection that breaks',
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify(body)}\n\n`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        response.destroy();
      },
      'lost the connection',
      true,
    ],
    [
      'an error in the stream',
      byteStream(eventsOf(body, { error: { message: 'out of memory', type: 'server_error' } })),
      'out of memory',
      true,
    ],
    [
      'a wrong request in the stream',
      byteStream(eventsOf(body, { error: { message: 'too long', type: 'invalid_request_error' } })),
      'too long',
      false,
    ],
    [
      'a request that took too long in the stream',
      byteStream(eventsOf(body, { error: { message: 'longer than 600 s', type: 'timeout_error' } })),
      'longer than 600 s',
      false,
    ],
    ['an error event', byteStream('event: error\ndata: {"message": "bad"}\n\n'), 'reported an error', true],
    ['what is no JSON', byteStream('data: <html>\n\n'), "found '<html>' in the stream", false],
  ])('reports %s', async (_, answer, message, isRetryable) => {
    server.answers = [answer];
    const errors: unknown[] = [];
    const result = streamText({
      model: transfusion('fruit'),
      prompt: 'Hi',
      onError: ({ error }) => void errors.push(error),
    });
    const parts = await partsOf(result.fullStream);
    expect(errors).toHaveLength(1);
    expect(APICallError.isInstance(errors[0])).toBe(true);
    expect(errors[0]).toMatchObject({ message: expect.stringContaining(message), isRetryable });
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: 'error' });
    await expect(generateText({ model: transfusion('fruit'), prompt: 'Hi', maxRetries: 0 })).rejects.toThrow(
      message,
    );
  });

  it('retries a busy server after the time that it asks for', async () => {
    server.answers = [
      failure(429, 'queue full', { 'retry-after-ms': '30' }),
      failure(503, 'draining', { 'retry-after': '0.03' }),
      byteStream(hello),
    ];
    const start = performance.now();
    const { text } = await generateText({ model: transfusion('fruit'), prompt: 'Hi' });
    expect(text).toBe('Hello world');
    expect(server.requests).toHaveLength(3);
    expect(performance.now() - start).toBeGreaterThan(55);
    expect(performance.now() - start).toBeLessThan(1500);
  });

  it('gives up with the last error', async () => {
    server.answers = [failure(429, 'queue full', { 'retry-after-ms': '1' })];
    const error = await generateText({ model: transfusion('fruit'), prompt: 'Hi', maxRetries: 1 }).catch(
      (e: unknown) => e,
    );
    expect(RetryError.isInstance(error)).toBe(true);
    const { lastError } = error as RetryError;
    expect(lastError).toMatchObject({
      name: 'AI_APICallError',
      message: 'queue full',
      statusCode: 429,
      url: `${server.baseURL}/chat/completions`,
      responseHeaders: { 'retry-after-ms': '1' },
      requestBodyValues: { model: 'fruit' },
      data: { error: { message: 'queue full' } },
    });
    expect(server.requests).toHaveLength(2);
  });

  it('does not retry a wrong request, or one that took too long', async () => {
    server.answers = [failure(400, "temperature: found 'hot', expected a number.")];
    await expect(generateText({ model: transfusion('fruit'), prompt: 'Hi' })).rejects.toThrow("found 'hot'");
    expect(server.requests).toHaveLength(1);
    server.answers = [failure(504, 'longer than 600 s', { 'retry-after-ms': '1' })];
    await expect(generateText({ model: transfusion('fruit'), prompt: 'Hi' })).rejects.toThrow('600 s');
    expect(server.requests).toHaveLength(2);
    server.answers = [(response) => void response.writeHead(404).end('<html>')];
    await expect(generateText({ model: transfusion('fruit'), prompt: 'Hi' })).rejects.toThrow(
      'answered with status 404',
    );
  });

  it('names the address of a server that is not there', async () => {
    const nowhere = createTransfusion({ baseURL: 'http://127.0.0.1:9/v1' });
    const error = await generateText({ model: nowhere('fruit'), prompt: 'Hi', maxRetries: 0 }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({
      isRetryable: true,
      message: expect.stringContaining('127.0.0.1:9/v1/chat/completions'),
    });
  });

  it('has no embedding models', () => {
    expect(() => transfusion.embeddingModel('fruit')).toThrow("found the embedding model 'fruit'");
  });
});

describe('abort', () => {
  const hanging: WireServer['answers'][number] = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(chunk({ content: 'a' }))}\n\n`);
  };

  it('ends a call, and closes the connection', async () => {
    server.answers = [hanging];
    const controller = new AbortController();
    const call = generateText({ model: transfusion('fruit'), prompt: 'Hi', abortSignal: controller.signal });
    const failed = expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    controller.abort();
    await failed;
    await server.requests[0].closed;
    expect(server.requests).toHaveLength(1);
  });

  it('ends a stream, and closes the connection', async () => {
    server.answers = [hanging];
    const controller = new AbortController();
    const result = streamText({ model: transfusion('fruit'), prompt: 'Hi', abortSignal: controller.signal });
    const types: string[] = [];
    for await (const part of result.fullStream) {
      types.push(part.type);
      if (part.type === 'text-delta') controller.abort();
    }
    expect(types.at(-1)).toBe('abort');
    await server.requests[0].closed;
  });

  it('closes the connection when the stream is canceled', async () => {
    server.answers = [hanging];
    const { stream } = await transfusion('fruit').doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    });
    const reader = stream.getReader();
    while ((await reader.read()).value?.type !== 'text-delta');
    // A read is waiting for the next chunk.
    const waiting = reader.read();
    await reader.cancel();
    await server.requests[0].closed;
    expect((await waiting).done).toBe(true);
  });

  it('sends nothing if it is aborted before', async () => {
    const call = transfusion('fruit').doGenerate({
      prompt: [],
      abortSignal: AbortSignal.abort(new Error('no')),
    });
    await expect(call).rejects.toThrow('no');
    expect(server.requests).toEqual([]);
  });
});

it('an answer of JSON in place of a stream is an error', async () => {
  server.answers = [json({ choices: [] })];
  await expect(generateText({ model: transfusion('fruit'), prompt: 'Hi', maxRetries: 0 })).rejects.toThrow(
    'before the reply was complete',
  );
});
