import { expect, it } from 'vitest';
import sharp from 'sharp';
import { chatChunk } from '../openai/chat-response.js';
import { fakeHost } from '../testing-internals/fake-host.js';
import { listeningServer } from '../testing-internals/test-server.js';

const black = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'black' } })
  .png()
  .toBuffer();

it('answers a chat, with usage', async () => {
  const host = fakeHost();
  const { client } = await listeningServer({ models: [host] });
  const reply = await client.chat.completions.create({
    model: 'fake',
    messages: [{ role: 'user', content: 'one two three' }],
    max_tokens: 2,
    seed: 7,
  });
  expect(reply.choices).toMatchObject([
    { index: 0, message: { role: 'assistant', content: 'one two ' }, finish_reason: 'length' },
  ]);
  expect(reply.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
  expect(host.submissions[0].request).toMatchObject({
    output: 'text',
    seeds: [7],
    options: { maxTokens: 2 },
  });
});

it('streams a chat, and ends with the usage', async () => {
  const { client } = await listeningServer({ models: [fakeHost()] });
  const stream = await client.chat.completions.create({
    model: 'fake',
    messages: [{ role: 'user', content: 'one two' }],
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks.map(({ choices }) => choices[0]?.delta.content)).toEqual([
    '',
    'one ',
    'two',
    undefined,
    undefined,
  ]);
  expect(chunks.at(-2)?.choices[0].finish_reason).toBe('stop');
  expect(chunks.at(-1)?.usage).toMatchObject({ total_tokens: 4 });
});

it('reads images, and generates a document', async () => {
  const host = fakeHost();
  const { client } = await listeningServer({ models: [host] });
  const reply = await client.chat.completions.create({
    model: 'fake',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'like' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${black.toString('base64')}` } },
        ],
      },
    ],
    modalities: ['text', 'image'] as never,
  });
  const { message } = reply.choices[0] as unknown as {
    message: { content: string; images: { image_url: { url: string } }[] };
  };
  expect(message.content).toBe('Here it is: done');
  expect(message.images[0].image_url.url).toMatch(/^data:image\/png;base64,/);
  expect(host.submissions[0].request.prompt).toEqual([
    { type: 'text', text: 'like' },
    { type: 'file', mediaType: 'image/png', bytes: black },
  ]);
});

it('streams several documents at once, with images where they come', async () => {
  const host = fakeHost();
  const { client } = await listeningServer({ models: [host] });
  const stream = await client.chat.completions.create({
    messages: [{ role: 'user', content: 'show me' }],
    modalities: ['text', 'image'] as never,
    n: 2,
    seed: 1,
    stream: true,
    model: 'fake',
  });
  const kinds: string[][] = [[], []];
  for await (const chunk of stream) {
    const { index, delta, finish_reason } = chatChunk.parse(chunk).choices[0];
    const { content } = delta;
    kinds[index].push(delta.images ? 'image' : (content ?? String(finish_reason)));
  }
  const document = ['', 'Here ', 'it is: ', 'image', 'done', 'stop'];
  expect(kinds).toEqual([document, document]);
  expect(host.submissions.map(({ seed }) => seed)).toEqual([1, 2]);
});
