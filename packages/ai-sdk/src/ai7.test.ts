/** The same providers in version 7 of the AI SDK, whose own specification is v4. */
import {
  APICallError,
  experimental_generateSpeech as generateSpeech,
  generateImage,
  generateText,
  streamText,
} from 'ai7';
import { decodeImage } from '@transfusion/modality-image';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTransfusion, transfusionInProcess, type TransfusionProvider } from './index.js';
import { pngLike } from './testing-internals/png-like.js';
import { tinyModel } from './testing-internals/tiny-model.js';
import {
  byteStream,
  chunk,
  eventsOf,
  failure,
  imagePart,
  json,
  startWireServer,
  type WireServer,
} from './testing-internals/wire-server.js';

let server: WireServer;
let transfusion: TransfusionProvider;
let local: TransfusionProvider;
beforeAll(async () => {
  server = await startWireServer();
  transfusion = createTransfusion({ baseURL: server.baseURL });
  local = transfusionInProcess(await tinyModel());
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

const document = byteStream(
  eventsOf(
    chunk({ content: 'a' }),
    chunk({ images: [imagePart(pngLike(1))] }),
    chunk({ content: 'b' }),
    chunk({}, 'stop'),
    { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } },
  ),
);
const prompt = [
  {
    role: 'user' as const,
    content: [
      { type: 'text' as const, text: 'edit' },
      { type: 'file' as const, data: pngLike(2), mediaType: 'image/png' },
    ],
  },
];

it('generates and streams texts with files', async () => {
  server.answers = [failure(429, 'queue full', { 'retry-after-ms': '1' }), document];
  const whole = await generateText({ model: transfusion('fruit'), prompt });
  expect(server.requests).toHaveLength(2);
  expect(server.requests[1].json.messages).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'edit' }, imagePart(pngLike(2))] },
  ]);
  expect(whole.text).toBe('ab');
  expect(whole.files.map(({ uint8Array }) => uint8Array)).toEqual([pngLike(1)]);
  expect(whole.usage).toMatchObject({ inputTokens: 1, outputTokens: 2 });
  const stream = streamText({ model: transfusion('fruit'), prompt });
  expect(await stream.text).toBe('ab');
  expect((await stream.files)[0].uint8Array).toEqual(pngLike(1));
  expect(await stream.finishReason).toBe('stop');
});

it('reports a stream that is cut off', async () => {
  server.answers = [byteStream(`data: ${JSON.stringify(chunk({ content: 'half' }))}\n\n`)];
  const errors: unknown[] = [];
  const stream = streamText({
    model: transfusion('fruit'),
    prompt,
    onError: ({ error }) => void errors.push(error),
  });
  await stream.consumeStream();
  expect(errors.some((error) => APICallError.isInstance(error))).toBe(true);
});

it('generates images, with files and masks, and speech', async () => {
  server.answers = [json({ data: [{ b64_json: Buffer.from(pngLike(1)).toString('base64') }] })];
  const model = transfusion.imageModel('fruit');
  expect((await generateImage({ model, prompt: 'apple' })).image.uint8Array).toEqual(pngLike(1));
  await generateImage({ model, prompt: { text: 'a hat', images: [pngLike(1)], mask: pngLike(2) } });
  const [{ json: body }, { form, path }] = server.requests;
  expect(body).toMatchObject({ prompt: 'apple', n: 1 });
  expect(path).toBe('/v1/images/edits');
  expect([form.getAll('image[]').length, form.getAll('mask').length]).toEqual([1, 1]);
  server.answers = [(response) => void response.end('RIFF....WAVE')];
  const { audio } = await generateSpeech({ model: transfusion.speechModel('bird'), text: 'Hi' });
  expect(audio.uint8Array).toHaveLength(12);
});

it('works in process', async () => {
  const providerOptions = { transfusion: { modalities: ['text', 'image'], numInferenceSteps: 2 } };
  const call = { model: local('transfusion'), prompt: 'red', maxOutputTokens: 6, seed: 1, providerOptions };
  const { text, files } = await generateText(call);
  const stream = streamText(call);
  expect(await stream.text).toBe(text);
  expect((await stream.files).map(({ uint8Array }) => uint8Array)).toEqual(
    files.map(({ uint8Array }) => uint8Array),
  );
  const { image } = await generateImage({
    model: local.imageModel('transfusion'),
    prompt: 'red',
    size: '8x4',
    providerOptions: { transfusion: { numInferenceSteps: 2 } },
  });
  expect(await decodeImage(image.uint8Array)).toMatchObject({ width: 8, height: 4 });
});
