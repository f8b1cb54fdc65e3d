import { APICallError, experimental_generateSpeech as generateSpeech, generateImage } from 'ai';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createTransfusion,
  type TransfusionImageModelOptions,
  type TransfusionProvider,
  type TransfusionSpeechModelOptions,
} from '../index.js';
import { pngLike } from '../testing-internals/png-like.js';
import { failure, json, startWireServer, type WireServer } from '../testing-internals/wire-server.js';

let server: WireServer;
let transfusion: TransfusionProvider;
beforeAll(async () => {
  server = await startWireServer();
  transfusion = createTransfusion({ baseURL: server.baseURL, apiKey: 'key' });
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

const images = (...numbers: number[]) => json(imagesBody(numbers), 200, { 'x-transfusion-seed': '5' });
const imagesBody = (numbers: number[]) => ({
  created: 1_700_000_000,
  data: numbers.map((number) => ({ b64_json: Buffer.from(pngLike(number)).toString('base64') })),
  usage: { input_tokens: 3, output_tokens: 16, total_tokens: 19 },
});
/** Answers as the server does: the last byte of each image is that of its seed. */
const imagesOfSeeds: WireServer['answers'][number] = (response, request) => {
  const { n, seed } = request.json as { n: number; seed: number };
  const seeds = Array.from({ length: n }, (_, i) => (seed + i) % 256);
  return json(imagesBody(seeds), 200, { 'x-transfusion-seed': String(seed) })(response, request);
};
const imageOptions: TransfusionImageModelOptions = {
  numInferenceSteps: 4,
  guidanceScale: 2,
  guidanceInterval: [200, 800],
  negativePrompt: 'blurry',
};

it('generates images, in order', async () => {
  server.answers = [images(1, 2)];
  const result = await generateImage({
    model: transfusion.imageModel('fruit'),
    prompt: 'red apple',
    n: 2,
    size: '64x64',
    seed: 5,
    providerOptions: { transfusion: { ...imageOptions, imageGuidanceScale: 1.5 } },
    headers: { 'x-trace': 't' },
  });
  const [{ path, headers, json: body }] = server.requests;
  expect(path).toBe('/v1/images/generations');
  expect(headers).toMatchObject({ authorization: 'Bearer key', 'x-trace': 't' });
  expect(body).toEqual({
    model: 'fruit',
    prompt: 'red apple',
    n: 2,
    size: '64x64',
    seed: 5,
    num_inference_steps: 4,
    guidance_scale: 2,
    guidance_interval: [200, 800],
    negative_prompt: 'blurry',
  });
  expect(result.images.map(({ uint8Array }) => uint8Array.at(-1))).toEqual([1, 2]);
  expect(result.image.mediaType).toBe('image/png');
  expect(result.providerMetadata.transfusion.images).toEqual([{ seed: 5 }, { seed: 6 }]);
  expect(result.usage).toEqual({ inputTokens: 3, outputTokens: 16, totalTokens: 19 });
  expect(result.responses[0]).toMatchObject({ modelId: 'fruit', timestamp: new Date(1_700_000_000_000) });
  expect(result.warnings).toEqual([]);
});

it('edits images, with a mask or without', async () => {
  server.answers = [images(1)];
  const prompt = { text: 'a hat', images: [pngLike(1), Buffer.from(pngLike(2)).toString('base64')] };
  await generateImage({
    model: transfusion.imageModel('fruit'),
    prompt,
    seed: 5,
    providerOptions: { transfusion: { ...imageOptions, imageGuidanceScale: 1.5 } },
  });
  await generateImage({ model: transfusion.imageModel('fruit'), prompt: { ...prompt, mask: pngLike(3) } });
  const [{ path, form }, { form: withMask }] = server.requests;
  expect(path).toBe('/v1/images/edits');
  const texts = [...form].filter(([, value]) => typeof value === 'string');
  expect(Object.fromEntries(texts)).toEqual({
    model: 'fruit',
    prompt: 'a hat',
    n: '1',
    seed: '5',
    num_inference_steps: '4',
    guidance_scale: '2',
    image_guidance_scale: '1.5',
    guidance_interval: '[200,800]',
    negative_prompt: 'blurry',
  });
  const bytesOf = async (file: unknown) => new Uint8Array(await (file as Blob).arrayBuffer());
  const files = form.getAll('image[]') as File[];
  expect(files.map(({ name, type }) => [name, type])).toEqual([
    ['image-0.png', 'image/png'],
    ['image-1.png', 'image/png'],
  ]);
  expect(await Promise.all(files.map(bytesOf))).toEqual([pngLike(1), pngLike(2)]);
  expect(form.get('mask')).toBeNull();
  expect(await bytesOf(withMask.get('mask'))).toEqual(pngLike(3));
});

it('generates more than ten images, each with its own seed, by one request after another', async () => {
  let numRunning = 0;
  const answer: WireServer['answers'][number] = async (response, request) => {
    expect(++numRunning).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    numRunning--;
    await imagesOfSeeds(response, request);
  };
  server.answers = [answer];
  const call = { model: transfusion.imageModel('fruit'), prompt: 'apple', n: 23, seed: 2 ** 32 - 15 };
  const { images, providerMetadata, usage, responses } = await generateImage(call);
  expect(server.requests.map(({ json: { n } }) => n)).toEqual([10, 10, 3]);
  const seeds = Array.from({ length: 23 }, (_, i) => (i < 15 ? 2 ** 32 - 15 + i : i - 15));
  expect(images.map(({ uint8Array }) => uint8Array.at(-1))).toEqual(seeds.map((seed) => seed % 256));
  expect(providerMetadata.transfusion.images).toEqual(seeds.map((seed) => ({ seed })));
  expect(usage).toEqual({ inputTokens: 3, outputTokens: 48, totalTokens: 51 });
  expect(responses).toHaveLength(1);
});

it('gives more than ten images without a seed those of one random seed', async () => {
  server.answers = [imagesOfSeeds];
  const call = { model: transfusion.imageModel('fruit'), prompt: 'apple', n: 12 };
  const { images } = (await generateImage(call)).providerMetadata.transfusion;
  const [{ seed }] = images as { seed: number }[];
  expect(images).toEqual(Array.from({ length: 12 }, (_, i) => ({ seed: (seed + i) % 2 ** 32 })));
});

it('sends no further request when one fails', async () => {
  server.answers = [imagesOfSeeds, failure(400, 'no')];
  const call = { model: transfusion.imageModel('fruit'), prompt: 'apple', n: 25 };
  await expect(generateImage(call)).rejects.toThrow('no');
  expect(server.requests).toHaveLength(2);
});

it('warns about what it does not do, and refuses addresses', async () => {
  server.answers = [images(1)];
  const call = { prompt: 'apple', n: 1, size: undefined, seed: undefined, providerOptions: {} };
  const file = { type: 'file' as const, mediaType: 'image/png', data: pngLike(1) };
  const model = transfusion.imageModel('fruit');
  const { warnings } = await model.doGenerate({
    ...call,
    aspectRatio: '1:1',
    files: undefined,
    mask: file,
    providerOptions: { transfusion: { stepz: 1 } },
  });
  expect(warnings.map((warning) => warning.type === 'unsupported' && warning.feature)).toEqual([
    'aspectRatio',
    'mask',
    'providerOptions.transfusion.stepz',
  ]);
  const url = { type: 'url' as const, url: 'https://example.org/a.png' };
  await expect(
    model.doGenerate({ ...call, aspectRatio: undefined, files: [url], mask: undefined }),
  ).rejects.toThrow('found the URL https://example.org/a.png');
});

it('retries a busy server, and reports what it cannot read', async () => {
  server.answers = [failure(503, 'busy', { 'retry-after-ms': '1' }), images(1)];
  const call = { model: transfusion.imageModel('fruit'), prompt: 'apple', maxRetries: 1 };
  expect((await generateImage(call)).images).toHaveLength(1);
  server.answers = [json({ data: [{ url: 'https://example.org/a.png' }] })];
  const error = await generateImage(call).catch((e: unknown) => e);
  expect(APICallError.isInstance(error)).toBe(true);
  expect((error as Error).message).toContain('image 0 of the response has no b64_json');
  server.answers = [(response) => void response.end('<html>')];
  await expect(generateImage(call)).rejects.toThrow("answered '<html>', expected a JSON object");
  server.answers = [json(null)];
  await expect(generateImage(call)).rejects.toThrow("answered 'null', expected a JSON object");
});

it('closes the connection when a call is aborted', async () => {
  const controller = new AbortController();
  server.answers = [() => controller.abort(new Error('enough'))];
  const call = { model: transfusion.imageModel('fruit'), prompt: 'apple', abortSignal: controller.signal };
  await expect(generateImage(call)).rejects.toThrow('enough');
  await server.requests[0].closed;
});

it('generates speech', async () => {
  const wav = new TextEncoder().encode('RIFF....WAVEdata');
  const headers = { 'content-type': 'audio/wav', 'x-transfusion-seed': '2' };
  server.answers = [(response) => void response.writeHead(200, headers).end(wav)];
  const speechOptions: TransfusionSpeechModelOptions = { numInferenceSteps: 4, seed: 2 };
  const { audio, warnings, providerMetadata } = await generateSpeech({
    model: transfusion.speechModel('bird'),
    text: 'Hello',
    voice: 'alto',
    outputFormat: 'wav',
    instructions: 'slowly',
    speed: 1.5,
    language: 'en',
    providerOptions: { transfusion: speechOptions },
  });
  const [{ path, json: body }] = server.requests;
  expect(path).toBe('/v1/audio/speech');
  expect(body).toEqual({
    model: 'bird',
    input: 'Hello',
    num_inference_steps: 4,
    seed: 2,
  });
  expect(audio.uint8Array).toEqual(wav);
  expect(audio.mediaType).toBe('audio/wav');
  expect(providerMetadata).toEqual({ transfusion: { seed: 2 } });
  expect(warnings.map((warning) => warning.type === 'unsupported' && warning.feature)).toEqual([
    'voice',
    'instructions',
    'speed',
    'language',
  ]);
  const asMp3 = { model: transfusion.speechModel('bird'), text: 'Hello', speed: 1, outputFormat: 'mp3' };
  expect((await generateSpeech(asMp3)).warnings).toEqual([
    { type: 'unsupported', feature: 'outputFormat', details: 'The model generates wav.' },
  ]);
});
