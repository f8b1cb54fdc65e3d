import { toFile, type OpenAI } from 'openai';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageEvent, imagesResponse } from '../openai/image-response.js';
import { fakeHost } from '../testing-internals/fake-host.js';
import { pngOf } from '../testing-internals/images.js';
import { listeningServer } from '../testing-internals/test-server.js';

const formatOf = async (base64: string | undefined): Promise<string> =>
  (await sharp(Buffer.from(base64 ?? '', 'base64')).metadata()).format;

describe('generations', () => {
  it('generates n images with seeds that follow each other', async () => {
    const host = fakeHost();
    const { client } = await listeningServer({ models: [host] });
    const response = await client.images.generate({
      model: 'fake',
      prompt: 'a cat',
      n: 3,
      size: '64x32' as never,
      quality: 'high',
      user: 'someone',
      ...({
        seed: 5,
        num_inference_steps: 9,
        guidance_scale: 3,
        negative_prompt: 'dogs',
        temperature: 0.5,
        top_k: 7,
      } as object),
    });
    expect(imagesResponse.parse(response)).toMatchObject({ size: '64x32', output_format: 'png' });
    expect(response.data).toHaveLength(3);
    expect(new Set(response.data?.map((image) => image.b64_json)).size).toBe(3);
    expect(response.usage).toMatchObject({ input_tokens: 2, output_tokens: 48, total_tokens: 50 });
    expect(host.submissions.map(({ seed }) => seed)).toEqual([5, 6, 7]);
    expect(host.submissions[0].request).toEqual({
      prompt: [{ type: 'text', text: 'a cat' }],
      output: 'image',
      size: [64, 32],
      negativePrompt: 'dogs',
      seeds: [5, 6, 7],
      options: { numInferenceSteps: 9, guidanceScale: 3, temperature: 0.5, topK: 7 },
    });
  });

  it('gives another image for another prompt, and names the seed that it chose', async () => {
    const { app } = await listeningServer({ models: [fakeHost()] });
    const images = await Promise.all(
      ['a cat', 'a dog'].map(async (prompt) => {
        const reply = await app.inject({
          method: 'POST',
          url: '/v1/images/generations',
          payload: { prompt, seed: 1 },
        });
        expect(reply.headers['x-transfusion-seed']).toBe('1');
        return reply.json().data[0].b64_json;
      }),
    );
    expect(images[0]).not.toBe(images[1]);
    const chosen = await app.inject({
      method: 'POST',
      url: '/v1/images/generations',
      payload: { prompt: 'a cat', model: null, seed: null },
    });
    expect(Number(chosen.headers['x-transfusion-seed'])).toBeGreaterThanOrEqual(0);
  });

  it.each(['webp', 'jpeg', 'png'] as const)('answers in %s, as base64 or as a data URI', async (format) => {
    const { client } = await listeningServer({ models: [fakeHost()] });
    const body = { model: 'fake', prompt: 'a cat', output_format: format, output_compression: 50 };
    const { data } = await client.images.generate(body);
    expect(await formatOf(data?.[0].b64_json)).toBe(format);
    const linked = await client.images.generate({ ...body, response_format: 'url' });
    expect(linked.data?.[0].url).toMatch(new RegExp(`^data:image/${format};base64,`));
  });

  it('streams previews, and then the image', async () => {
    const { client } = await listeningServer({ models: [fakeHost()] });
    const stream = await client.images.generate({
      model: 'fake',
      prompt: 'a cat',
      stream: true,
      partial_images: 2,
      output_format: 'webp',
    });
    const events: OpenAI.Images.ImageGenStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events).toMatchObject([
      { type: 'image_generation.partial_image', partial_image_index: 0, size: '32x32' },
      { type: 'image_generation.partial_image', partial_image_index: 1, output_format: 'webp' },
      {
        type: 'image_generation.completed',
        background: 'opaque',
        quality: 'auto',
        usage: { total_tokens: 18, input_tokens_details: { text_tokens: 2, image_tokens: 0 } },
      },
    ]);
    for (const event of events) {
      imageEvent.parse(event);
      expect(event).not.toHaveProperty('image_index');
      expect(await formatOf(event.b64_json)).toBe('webp');
    }
  });

  it('streams several images at once, each with its index', async () => {
    const { app } = await listeningServer({ models: [fakeHost()] });
    const payload = { prompt: 'a cat', n: 2, stream: true, partial_images: 1 };
    const reply = await app.inject({ method: 'POST', url: '/v1/images/generations', payload });
    expect(reply.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const events = reply.body.trim().split('\n\n');
    expect(events.every((event) => /^event: image_generation\.\w+\ndata: {.*}$/.test(event))).toBe(true);
    const indices = events.map((event) => JSON.parse(event.split('data: ')[1]).image_index);
    expect(indices.sort()).toEqual([0, 0, 1, 1]);
  });
});

describe('edits', () => {
  it('edits images', async () => {
    const host = fakeHost();
    const { client } = await listeningServer({ models: [host] });
    const [first, second] = await Promise.all([pngOf(32, 32), pngOf(16, 16)]);
    const { data } = await client.images.edit({
      model: 'fake',
      image: [await toFile(first, 'a.png'), await toFile(second, 'b.png')],
      prompt: '42',
      n: 2,
      ...({ seed: 3, image_guidance_scale: 1.5, guidance_interval: [200, 800] } as object),
    });
    expect(data).toHaveLength(2);
    expect(host.submissions[1].request).toEqual({
      prompt: [
        { type: 'file', mediaType: 'image/png', bytes: first },
        { type: 'file', mediaType: 'image/png', bytes: second },
        { type: 'text', text: '42' },
      ],
      output: 'image',
      keepsSizeOf: 0,
      seeds: [3, 4],
      options: { spanGuidanceScale: 1.5, guidanceInterval: [200, 800] },
    });
  });

  it('streams an edit of the masked part of the first image', async () => {
    const host = fakeHost();
    const { client } = await listeningServer({ models: [host] });
    const [image, other] = await Promise.all([pngOf(32, 32), pngOf(8, 8)]);
    const mask = await pngOf(32, 32, { r: 0, g: 0, b: 0, alpha: 0 });
    const stream = await client.images.edit({
      model: 'fake',
      image: [await toFile(image, 'image.png'), await toFile(other, 'other.png')],
      mask: await toFile(mask, 'mask.png'),
      prompt: 'a hat',
      stream: true,
      partial_images: 1,
    });
    const types = [];
    for await (const { type } of stream) types.push(type);
    expect(types).toEqual(['image_edit.partial_image', 'image_edit.completed']);
    const [{ request }] = host.submissions;
    expect(request.mask).toEqual(mask);
    expect(request.keepsSizeOf).toBeUndefined();
    // The last file is the one that the mask belongs to.
    expect(request.prompt.map((part) => (part.type === 'file' ? part.bytes : part.text))).toEqual([
      other,
      image,
      'a hat',
    ]);
  });

  it('takes a mask as large as the image is shown, whatever its EXIF orientation', async () => {
    const host = fakeHost();
    const { client } = await listeningServer({ models: [host] });
    const turned = await sharp(await pngOf(32, 16))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const image = () => toFile(turned, 'a.jpg');
    const maskOf = async (width: number, height: number) =>
      toFile(await pngOf(width, height, { r: 0, g: 0, b: 0, alpha: 0 }), 'mask.png');
    await client.images.edit({ image: await image(), mask: await maskOf(16, 32), prompt: 'a hat' });
    expect(host.submissions).toHaveLength(1);
    const refused = client.images.edit({ image: await image(), mask: await maskOf(32, 16), prompt: 'a hat' });
    await expect(refused).rejects.toMatchObject({ param: 'mask', message: expect.stringContaining('16x32') });
  });

  it.each([
    ['of another size', () => pngOf(16, 16, { r: 0, g: 0, b: 0, alpha: 0 }), '16x16'],
    ['without transparency', () => pngOf(32, 32), 'without transparency'],
    [
      'that is no image',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'expected PNG',
    ],
  ])('refuses a mask %s', async (_, mask, message) => {
    const { client } = await listeningServer({ models: [fakeHost()] });
    const request = client.images.edit({
      model: 'fake',
      image: await toFile(await pngOf(32, 32), 'image.png'),
      mask: await toFile(await mask(), 'mask.png'),
      prompt: 'a hat',
    });
    await expect(request).rejects.toMatchObject({
      status: 400,
      param: 'mask',
      message: expect.stringContaining(message),
    });
  });
});
