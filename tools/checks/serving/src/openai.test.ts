/** The official client, unmodified, and the shipped model. */
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, upperHalf, withTransparentHalf } from './images.js';
import { startServer, type ServerProcess } from './start-server.js';

let server: ServerProcess;
let client: OpenAI;
beforeAll(async () => {
  server = await startServer(['--api-key', 'secret']);
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'secret', maxRetries: 0 });
}, 60_000);
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

/** Fields that OpenAI's types do not have. */
const extra = (fields: Record<string, unknown>): object => fields;
const few = extra({ num_inference_steps: 4, seed: 1 });

async function generated(prompt: string, fields: Record<string, unknown> = {}): Promise<Uint8Array> {
  const { data } = await client.images.generate({ model: 'emoji', prompt, ...few, ...fields });
  return bytesOf(data![0].b64_json);
}

const dataUri = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

async function running(): Promise<number> {
  return await server.metric('vllm:num_requests_running');
}

it('lists the models', async () => {
  const names: string[] = [];
  for await (const { id } of client.models.list()) names.push(id);
  expect(names).toEqual(['emoji']);
  expect((await client.models.retrieve('emoji')).object).toBe('model');
});

describe('chat', () => {
  it('captions an image, at once and in pieces', async () => {
    const apple = await generated('red apple, noto', { num_inference_steps: 25 });
    const request = {
      model: 'emoji',
      messages: [
        {
          role: 'user' as const,
          content: [{ type: 'image_url' as const, image_url: { url: dataUri(apple) } }],
        },
      ],
      temperature: 0,
      max_tokens: 40,
    };
    const whole = await client.chat.completions.create(request);
    const [{ message, finish_reason }] = whole.choices;
    expect(message.content).toContain('apple');
    expect(finish_reason).toBe('stop');
    expect(whole.usage!.prompt_tokens).toBe(16);
    const stream = await client.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta.content;
      if (piece) pieces.push(piece);
      usage = chunk.usage;
    }
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(message.content);
    expect(usage).toEqual(whole.usage);
  });

  it('answers with images, in both dialects', async () => {
    const request = {
      model: 'emoji',
      messages: [{ role: 'user' as const, content: 'red apple, noto' }],
      ...extra({ modalities: ['image'] }),
      ...few,
    };
    const { choices } = await client.chat.completions.create(request);
    const message = choices[0].message as unknown as { images: { image_url: { url: string } }[] };
    expect(message.images).toHaveLength(1);
    const { choices: withParts } = await client.chat.completions.create({
      ...request,
      ...extra({ content_format: 'parts' }),
    });
    expect(withParts[0].message.content).toEqual([
      { type: 'image_url', image_url: { url: message.images[0].image_url.url } },
    ]);
    expect(dataUri(await generated('red apple, noto'))).toBe(message.images[0].image_url.url);
  });
});

describe('images', () => {
  it('come with partial images that differ', async () => {
    const stream = await client.images.generate({
      model: 'emoji',
      prompt: 'red apple, noto',
      stream: true,
      partial_images: 3,
      ...few,
      ...extra({ num_inference_steps: 8 }),
    });
    const images: string[] = [];
    const types: string[] = [];
    for await (const event of stream) {
      types.push(event.type);
      images.push(event.b64_json);
    }
    expect(types).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
    expect(new Set(images).size).toBe(4);
  });

  it('are edited, and inpainted where the mask is transparent', async () => {
    const apple = await generated('red apple, noto', { num_inference_steps: 25 });
    const image = () => toFile(apple, 'apple.png', { type: 'image/png' });
    const edit = { model: 'emoji', prompt: 'draw this in the twemoji style', ...few };
    const edited = await client.images.edit({ ...edit, image: await image() });
    expect(bytesOf(edited.data![0].b64_json)).not.toEqual(apple);
    const mask = await toFile(await withTransparentHalf(apple), 'mask.png', { type: 'image/png' });
    const inpainted = await client.images.edit({ ...edit, prompt: 'red apple', image: await image(), mask });
    const result = bytesOf(inpainted.data![0].b64_json);
    expect(await upperHalf(result)).toEqual(await upperHalf(apple));
    expect(result).not.toEqual(apple);
  });

  it('depend on prompt and seed, and on nothing else', async () => {
    const { data } = await client.images.generate({ model: 'emoji', prompt: 'cat, noto', n: 3, ...few });
    const [first, second, third] = data!.map(({ b64_json }) => bytesOf(b64_json));
    expect(second).not.toEqual(first);
    expect(third).not.toEqual(second);
    // Image i has seed + i; thirty others run beside it.
    const others = Array.from({ length: 30 }, (_, i) => generated(`dog ${i}, twemoji`, { seed: i }));
    expect(await generated('cat, noto', { seed: 2 })).toEqual(second);
    expect(await generated('cat, noto', { seed: 3 })).toEqual(third);
    expect(await generated('dog, noto')).not.toEqual(first);
    await Promise.all(others);
  });
});

describe('errors', () => {
  it.each([
    [{ model: 'nobody' }, OpenAI.NotFoundError, 'model_not_found'],
    [{ size: '63x63' as const }, OpenAI.BadRequestError, null],
    [{ n: 11 }, OpenAI.BadRequestError, null],
    [extra({ num_inference_stepz: 3 }), OpenAI.BadRequestError, null],
  ])('%j', async (fields, kind, code) => {
    const failed = client.images.generate({ model: 'emoji', prompt: 'cat', ...(fields as object) });
    const error = (await failed.catch((cause: unknown) => cause)) as InstanceType<typeof OpenAI.APIError>;
    expect(error).toBeInstanceOf(kind);
    if (code !== null) expect(error.code).toBe(code);
  });

  it('of a wrong key', async () => {
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'guess', maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

it('ends what nobody waits for any more', async () => {
  const long = extra({ num_inference_steps: 250 });
  const stream = await client.images.generate({
    model: 'emoji',
    prompt: 'cat',
    stream: true,
    partial_images: 3,
    ...long,
  });
  for await (const event of stream) {
    expect(event.type).toBe('image_generation.partial_image');
    expect(await running()).toBe(1);
    break;
  }
  const started = performance.now();
  while ((await running()) > 0) expect(performance.now() - started).toBeLessThan(1000);
  const controller = new AbortController();
  const whole = client.images.generate(
    { model: 'emoji', prompt: 'cat', ...long },
    { signal: controller.signal },
  );
  setTimeout(() => controller.abort(), 100);
  await expect(whole).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
  while ((await running()) > 0) expect(performance.now() - started).toBeLessThan(3000);
});
