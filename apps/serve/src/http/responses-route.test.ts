import { expect, it, vi } from 'vitest';
import type OpenAI from 'openai';
import sharp from 'sharp';
import { InferenceError } from '../inference/model-host.js';
import { responsesEvent, responsesResponse } from '../openai/responses-response.js';
import { fakeHost } from '../testing-internals/fake-host.js';
import { dataUri, pngOf } from '../testing-internals/images.js';
import { listeningServer, metricValue } from '../testing-internals/test-server.js';

const png = await pngOf(8, 8);
const image = { type: 'input_image' as const, image_url: dataUri(png), detail: 'auto' as const };
const tools: OpenAI.Responses.Tool[] = [{ type: 'image_generation', partial_images: 2 }];

it('answers with a text', async () => {
  const host = fakeHost();
  const { client } = await listeningServer({ models: [host] });
  const response = await client.responses.create({
    model: 'fake',
    instructions: 'zero',
    input: 'one two three',
    max_output_tokens: 2,
    metadata: { a: 'b' },
  });
  expect(response).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    output_text: 'zero\none two ',
    metadata: { a: 'b' },
    usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
  });
  expect(responsesResponse.parse(response).output).toHaveLength(1);
  expect(host.submissions[0].request).toMatchObject({ output: 'text', options: { maxTokens: 2 } });
});

it('streams texts and images in order, from which the client puts the response together', async () => {
  const { client } = await listeningServer({ models: [fakeHost()] });
  const stream = client.responses.stream({ model: 'fake', input: 'a document', tools });
  const types: string[] = [];
  const steps: unknown[] = [];
  const partials: Uint8Array[] = [];
  for await (const event of stream) {
    const parsed = responsesEvent.parse(event);
    expect(event.sequence_number).toBe(types.length);
    types.push(event.type.replace('response.', '').replace('image_generation_call', 'image'));
    if (parsed.type === 'response.image_generation_call.generating') {
      steps.push([parsed.step, parsed.num_steps]);
    }
    if (parsed.type === 'response.image_generation_call.partial_image') {
      expect(parsed.partial_image_index).toBe(partials.length);
      partials.push(Buffer.from(parsed.partial_image_b64, 'base64'));
    }
  }
  expect(steps).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  for (const partial of partials) {
    expect(await sharp(partial).metadata()).toMatchObject({ format: 'png', width: 32, height: 32 });
  }
  const message = ['output_item.added', 'content_part.added'];
  const end = ['output_text.done', 'content_part.done', 'output_item.done'];
  expect(types).toEqual([
    ...['created', 'in_progress'],
    ...[...message, 'output_text.delta', 'output_text.delta', ...end],
    ...['output_item.added', 'image.in_progress'],
    ...['image.generating', 'image.partial_image', 'image.generating', 'image.partial_image'],
    ...['image.generating', 'image.completed', 'output_item.done'],
    ...[...message, 'output_text.delta', ...end],
    'completed',
  ]);
  const response = await stream.finalResponse();
  expect(response.output.map(({ type }) => type)).toEqual(['message', 'image_generation_call', 'message']);
  expect(response.output_text).toBe('Here it is: done');
  expect(response.usage).toMatchObject({ output_tokens: 19 });
  expect(new Set(response.output.map(({ id }) => id)).size).toBe(3);
});

it('ends a stream that fails with an error event, on which the client raises', async () => {
  const failure = { error: new InferenceError('unavailable', 'ended'), after: 5 };
  const { client, url } = await listeningServer({ models: [fakeHost({ failure })] });
  const body = { model: 'fake', input: 'a document', tools, stream: true as const };
  const answer = await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const events = (await answer.text()).trimEnd().split('\n\n');
  const [name, data] = events.at(-1)!.split('\n');
  expect(name).toBe('event: error');
  const code = 'service_unavailable';
  const message = expect.stringContaining('Send the request again');
  const error = { type: 'server_error', code, message, param: null };
  const event = responsesEvent.parse(JSON.parse(data.replace('data: ', '')));
  expect(event).toEqual({
    type: 'error',
    sequence_number: events.length - 1,
    code,
    message,
    param: null,
    error,
  });
  const read = async () => {
    for await (const next of await client.responses.create(body)) expect(next.type).not.toBe('error');
  };
  await expect(read()).rejects.toMatchObject({ code, type: 'server_error' });
});

it('ends the generation when the client leaves', async () => {
  const host = fakeHost({ interval: 20 });
  const { app, client } = await listeningServer({ models: [host] });
  for await (const { type } of await client.responses.create({
    model: 'fake',
    input: 'a b c d e f g h i j',
    stream: true,
  })) {
    if (type === 'response.output_text.delta') break;
  }
  await vi.waitFor(() => expect(host.submissions[0].signal.aborted).toBe(true), { interval: 5 });
  expect(await metricValue(app, 'vllm:num_requests_running')).toBe(0);
});

it('generates one image where the tool is required, and edits the last one of the input', async () => {
  const host = fakeHost();
  const { client } = await listeningServer({ models: [host] });
  const first = await client.responses.create({
    model: 'fake',
    input: 'a cat',
    tools: [{ type: 'image_generation', output_format: 'webp', size: '64x32' as '1024x1024' }],
    tool_choice: { type: 'image_generation' },
  });
  const [call] = first.output as OpenAI.Responses.ResponseOutputItem.ImageGenerationCall[];
  expect(call).toMatchObject({ type: 'image_generation_call', status: 'completed' });
  expect(Buffer.from(call.result!, 'base64').subarray(8, 12).toString()).toBe('WEBP');
  // The reply is sent back, with an instruction.
  await client.responses.create({
    model: 'fake',
    input: [
      { role: 'user', content: 'a cat' },
      ...first.output,
      { role: 'user', content: [{ type: 'input_text', text: 'bluer' }, image] },
    ] as OpenAI.Responses.ResponseInput,
    tools,
    tool_choice: 'required',
  });
  const [{ request: generated }, { request: edited }] = host.submissions;
  expect(generated).toMatchObject({ output: 'image', size: [64, 32] });
  expect(generated).not.toHaveProperty('keepsSizeOf');
  expect(edited).toMatchObject({ output: 'image', keepsSizeOf: 1 });
  expect(edited.prompt.map((part) => (part.type === 'text' ? part.text : part.mediaType))).toEqual([
    'image/webp',
    'image/png',
    'a cat\nbluer',
  ]);
});

it('inpaints the last image of the input', async () => {
  const host = fakeHost();
  const { client } = await listeningServer({ models: [host] });
  const inpaint = async (mask: Uint8Array) =>
    client.responses.create({
      model: 'fake',
      input: [{ role: 'user', content: [image, { type: 'input_text', text: 'a cat' }] }],
      tools: [{ type: 'image_generation', input_image_mask: { image_url: dataUri(mask) } }],
      tool_choice: 'required',
    });
  const mask = await pngOf(8, 8, { r: 0, g: 0, b: 0, alpha: 0 });
  await inpaint(mask);
  expect(host.submissions[0].request.mask).toEqual(mask);
  const param = 'tools[0].input_image_mask.image_url';
  await expect(inpaint(png)).rejects.toMatchObject({ status: 400, param });
  const small = await pngOf(4, 4, { r: 0, g: 0, b: 0, alpha: 0 });
  await expect(inpaint(small)).rejects.toMatchObject({ status: 400, param });
});

it.each<[string, object, string]>([
  [
    'a link',
    { input: [{ role: 'user', content: [{ ...image, image_url: 'https://a.example/b.png' }] }] },
    'input',
  ],
  ['a size of a document', { tools: [{ type: 'image_generation', size: '64x32' }] }, 'tools'],
  ['another tool', { tools: [{ type: 'web_search' }] }, 'tools'],
  ['a stored response', { previous_response_id: 'resp_1' }, 'previous_response_id'],
  ['a run in the background', { background: true }, 'background'],
  ['an unknown field', { inputs: 'x' }, 'inputs'],
  ['nothing', { input: [] }, 'input'],
])('refuses %s', async (_, fields, param) => {
  const { client } = await listeningServer({ models: [fakeHost()] });
  const request = client.responses.create({ model: 'fake', input: 'x', ...fields });
  await expect(request).rejects.toMatchObject({ status: 400, param: expect.stringContaining(param) });
});
