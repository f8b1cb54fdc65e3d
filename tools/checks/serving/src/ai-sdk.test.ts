/** The AI SDK with its provider, over HTTP and in process, and the shipped model. */
import { createTransfusion, transfusionInProcess } from '@transfusion/ai-sdk';
import { selectEngine } from '@transfusion/engine';
import { loadEmoji } from '@transfusion/emoji';
import { generateImage, generateText, streamText } from 'ai';
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

it('is the same image over HTTP and in process', async () => {
  const images = await Promise.all(
    Object.values(providers).map((provider) => imageOf(provider, 'red apple, noto', 7)),
  );
  const [overHttp, inProcess] = await Promise.all(images.map((image) => sharp(image).raw().toBuffer()));
  expect(inProcess).toEqual(overHttp);
});
