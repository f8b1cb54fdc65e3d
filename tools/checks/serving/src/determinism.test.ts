/** Every endpoint that generates, with the shipped model: the prompt and the seed decide the bytes, and nothing else. */
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withTransparentHalf } from './images.js';
import { startServer, type ServerProcess } from './start-server.js';

let server: ServerProcess;
let client: OpenAI;
let image: Uint8Array<ArrayBuffer>;
let mask: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  server = await startServer();
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
  image = Buffer.from((await generations('red apple, noto', 1)) as string, 'base64');
  mask = Buffer.from(await withTransparentHalf(image));
}, 60_000);
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

/** Sends a request, and returns all that it generates. */
type Endpoint = (prompt: string, seed: number) => Promise<unknown>;

/** Fields that OpenAI's types do not have are sent as they are. */
const few = (seed: number): object => ({ num_inference_steps: 3, guidance_scale: 2, seed });
const file = (bytes: Uint8Array<ArrayBuffer>) => toFile(bytes, 'image.png', { type: 'image/png' });

const chat: Endpoint = async (content, seed) => {
  const messages = [{ role: 'user' as const, content }];
  const { choices } = await client.chat.completions.create({
    model: 'emoji',
    messages,
    seed,
    min_tokens: 10,
  } as OpenAI.ChatCompletionCreateParamsNonStreaming);
  return choices[0].message.content;
};

const streamedChat: Endpoint = async (content, seed) => {
  const messages = [{ role: 'user' as const, content }];
  const stream = client.chat.completions.stream({
    model: 'emoji',
    messages,
    seed,
    stream: true,
    min_tokens: 10,
  } as OpenAI.ChatCompletionCreateParamsStreaming);
  return await stream.finalContent();
};

const chatImages: Endpoint = async (content, seed) => {
  const { choices } = await client.chat.completions.create({
    model: 'emoji',
    messages: [{ role: 'user', content }],
    modalities: ['image'],
    ...few(seed),
  } as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming);
  return (choices[0].message as unknown as { images: unknown }).images;
};

const captions: Endpoint = async (prompt, seed) => {
  const url = `data:image/png;base64,${Buffer.from(image).toString('base64')}`;
  const { choices } = await client.chat.completions.create({
    model: 'emoji',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url } },
          { type: 'text', text: prompt },
        ],
      },
    ],
    min_tokens: 10,
    seed,
  } as OpenAI.ChatCompletionCreateParamsNonStreaming);
  return choices[0].message.content;
};

async function generations(prompt: string, seed: number): Promise<string | undefined> {
  const { data } = await client.images.generate({ model: 'emoji', prompt, ...few(seed) });
  return data![0].b64_json;
}

const streamedGenerations: Endpoint = async (prompt, seed) => {
  const request = { model: 'emoji', prompt, stream: true, partial_images: 2, ...few(seed) } as const;
  return await imagesOf(await client.images.generate(request));
};

const edits: Endpoint = async (prompt, seed) => {
  const { data } = await client.images.edit({
    model: 'emoji',
    prompt,
    image: await file(image),
    ...few(seed),
  });
  return data![0].b64_json;
};

const streamedEdits: Endpoint = async (prompt, seed) => {
  const request = { model: 'emoji', prompt, stream: true, partial_images: 2, ...few(seed) } as const;
  return await imagesOf(await client.images.edit({ ...request, image: await file(image) }));
};

const inpainting: Endpoint = async (prompt, seed) => {
  const files = { image: await file(image), mask: await file(mask) };
  const { data } = await client.images.edit({ model: 'emoji', prompt, ...files, ...few(seed) });
  return data![0].b64_json;
};

const responses: Endpoint = async (input, seed) => {
  const tools = [{ type: 'image_generation' as const }];
  const { output } = await client.responses.create({ model: 'emoji', input, tools, ...few(seed) });
  return output.map((item) => (item.type === 'image_generation_call' ? item.result : item.type));
};

async function imagesOf(events: AsyncIterable<{ readonly b64_json: string }>): Promise<string[]> {
  const images: string[] = [];
  for await (const { b64_json } of events) images.push(b64_json);
  expect(images).toHaveLength(3);
  return images;
}

const endpoints: readonly (readonly [string, Endpoint])[] = [
  ['chat', chat],
  ['chat, streamed', streamedChat],
  ['chat with an image in the prompt', captions],
  ['chat with images in the reply', chatImages],
  ['responses', responses],
  ['images/generations', generations],
  ['images/generations, streamed', streamedGenerations],
  ['images/edits', edits],
  ['images/edits, streamed', streamedEdits],
  ['images/edits with a mask', inpainting],
];

describe.each(endpoints)('%s', (_, endpoint) => {
  it('gives the same bytes for the same prompt and seed, alone and under load, and others for others', async () => {
    const alone = await endpoint('green leaf, noto', 1);
    const load = endpoints.flatMap(([, other], i) => [other(`dog ${i}, twemoji`, i), other(`sun ${i}`, i)]);
    const [underLoad, otherPrompt, otherSeed] = await Promise.all([
      endpoint('green leaf, noto', 1),
      endpoint('blue car, fluent', 1),
      endpoint('green leaf, noto', 2),
    ]);
    await Promise.all(load);
    expect(underLoad).toEqual(alone);
    expect(otherPrompt).not.toEqual(alone);
    expect(otherSeed).not.toEqual(alone);
  });
});
