/** The AI SDK with its provider, over HTTP and in process, and the shipped model. */
import {
  createTransfusion,
  transfusionInProcess,
  type TransfusionImageModelOptions,
  type TransfusionLanguageModelOptions,
  type TransfusionSpeechModelOptions,
} from '@transfusion/ai-sdk';
import { selectEngine } from '@transfusion/engine';
import { loadEmoji } from '@transfusion/emoji';
import { experimental_generateSpeech as generateSpeech, generateImage, generateText, streamText } from 'ai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upperHalf, withTransparentHalf } from './images.js';
import { startServer, type ServerProcess } from './start-server.js';

type Provider = ReturnType<typeof createTransfusion>;

let server: ServerProcess;
let dispose: () => void;
const providers: Record<string, Provider> = {};
beforeAll(async () => {
  server = await startServer(['--api-key', 'secret']);
  providers['over HTTP'] = createTransfusion({ baseURL: `${server.url}/v1`, apiKey: 'secret' });
  await selectEngine('auto');
  const trained = await loadEmoji();
  ({ dispose } = trained);
  providers['in process'] = transfusionInProcess(trained, { modelId: 'emoji' });
}, 60_000);
afterAll(async () => {
  dispose();
  await server.kill();
});

const few = { transfusion: { numInferenceSteps: 4 } };
const enough = { transfusion: { numInferenceSteps: 25 } };

async function imageOf(provider: Provider, prompt: string, seed: number, providerOptions = few) {
  const { image } = await generateImage({
    model: provider.imageModel('emoji'),
    prompt,
    seed,
    providerOptions,
  });
  return image.uint8Array;
}

describe.each(['over HTTP', 'in process'])('%s', (where) => {
  it('generates images, edits them, and inpaints them', async () => {
    const provider = providers[where];
    const model = provider.imageModel('emoji');
    const apple = await imageOf(provider, 'red apple, noto', 1, enough);
    const edited = await generateImage({
      model,
      prompt: { images: [apple], text: 'draw this in the twemoji style' },
      seed: 1,
      providerOptions: few,
    });
    expect(edited.image.uint8Array).not.toEqual(apple);
    const mask = await withTransparentHalf(apple);
    const inpainted = await generateImage({
      model,
      prompt: { images: [apple], mask, text: 'red apple, noto' },
      seed: 1,
      providerOptions: few,
    });
    expect(await upperHalf(inpainted.image.uint8Array)).toEqual(await upperHalf(apple));
  });

  it('captions images, at once and in pieces', async () => {
    const provider = providers[where];
    const apple = await imageOf(provider, 'red apple, noto', 1, enough);
    const request = {
      model: provider.languageModel('emoji'),
      messages: [
        { role: 'user' as const, content: [{ type: 'file' as const, data: apple, mediaType: 'image/png' }] },
      ],
      temperature: 0,
      maxOutputTokens: 40,
    };
    const { text } = await generateText(request);
    expect(text).toContain('apple');
    let streamed = '';
    for await (const piece of streamText(request).textStream) streamed += piece;
    expect(streamed).toBe(text);
  });

  it('answers with files', async () => {
    const { files } = await generateText({
      model: providers[where].languageModel('emoji'),
      prompt: 'red apple, noto',
      seed: 1,
      providerOptions: { transfusion: { ...few.transfusion, modalities: ['image'] } },
    });
    expect(files).toHaveLength(1);
    expect(files[0].mediaType).toBe('image/png');
  });
});

const imageOptions: Required<TransfusionImageModelOptions> = {
  numInferenceSteps: 2,
  guidanceScale: 2,
  imageGuidanceScale: 1.5,
  guidanceInterval: [200, 800],
  negativePrompt: 'blurry',
  scheduler: 'flow-heun',
  temperature: 0.9,
  topK: 20,
  topP: 0.9,
  minP: 0.05,
  repetitionPenalty: 1.1,
};

// The server refuses fields that it does not have.
describe.each(['over HTTP', 'in process'])('%s, all options are taken', (where) => {
  it('by images and edits', async () => {
    const model = providers[where].imageModel('emoji');
    const call = { model, seed: 1, n: 2, providerOptions: { transfusion: imageOptions } };
    const apple = await generateImage({ ...call, prompt: 'red apple, noto', size: '64x64' });
    const edited = await generateImage({
      ...call,
      prompt: { images: [apple.image.uint8Array], text: 'draw this in the twemoji style' },
    });
    for (const { images, warnings, providerMetadata, usage } of [apple, edited]) {
      expect(images).toHaveLength(2);
      expect(warnings).toEqual([]);
      expect(providerMetadata.transfusion.images).toEqual([{ seed: 1 }, { seed: 2 }]);
      expect(usage.totalTokens).toBe(usage.inputTokens! + usage.outputTokens!);
    }
  });

  it.each<[string, Partial<TransfusionLanguageModelOptions>]>([
    ['texts', { modalities: ['text'], minTokens: 2, maxImages: 0 }],
    ['images', { modalities: ['image'], size: '64x64' }],
    ['documents', { modalities: ['text', 'image'], minTokens: 2, maxImages: 1 }],
  ])('by %s', async (_, options) => {
    const { warnings, providerMetadata } = await generateText({
      model: providers[where].languageModel('emoji'),
      prompt: 'red apple, noto',
      seed: 3,
      temperature: 1,
      topK: 10,
      topP: 0.9,
      maxOutputTokens: 8,
      stopSequences: ['x'],
      providerOptions: { transfusion: { ...imageOptions, ...options } },
    });
    expect(warnings).toEqual([]);
    expect(providerMetadata).toEqual({ transfusion: { seed: 3 } });
  });

  it('by speech, which this model does not have', async () => {
    const { imageGuidanceScale: _, ...options } = imageOptions;
    const transfusion: Required<TransfusionSpeechModelOptions> = { ...options, seed: 1 };
    const call = generateSpeech({
      model: providers[where].speechModel('emoji'),
      text: 'Hello',
      voice: 'alto',
      outputFormat: 'ogg',
      instructions: 'slowly',
      speed: 1.5,
      language: 'en',
      providerOptions: { transfusion },
    });
    await expect(call).rejects.toThrow(/audio/);
  });
});

it('generates the same images over HTTP and in process, also more than ten', async () => {
  const call = { prompt: 'red apple, noto', n: 12, seed: 2 ** 32 - 11, providerOptions: few };
  const [overHttp, inProcess] = await Promise.all(
    Object.values(providers).map((provider) =>
      generateImage({ ...call, model: provider.imageModel('emoji') }),
    ),
  );
  const pixelsOf = (result: typeof overHttp) =>
    Promise.all(
      result.images.map(async ({ uint8Array }) => (await sharp(uint8Array).raw().toBuffer()).toString('hex')),
    );
  const pixels = await pixelsOf(overHttp);
  expect(new Set(pixels).size).toBe(12);
  expect(await pixelsOf(inProcess)).toEqual(pixels);
  expect(inProcess.providerMetadata).toEqual(overHttp.providerMetadata);
  expect(inProcess.usage).toEqual(overHttp.usage);
});
