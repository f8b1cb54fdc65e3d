import { createEngine } from '@transfusion/core';
import { decodeImage, encodePng, type RgbImage } from '@transfusion/modality-image';
import {
  editImage,
  generate,
  inpaintImage,
  textToImage,
  type OutputEvent,
  type TrainedModel,
} from '@transfusion/pipelines';
import {
  experimental_generateSpeech as generateSpeech,
  generateImage,
  generateText,
  streamText,
  type GeneratedFile,
} from 'ai';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  transfusionInProcess,
  type TransfusionImageModelOptions,
  type TransfusionLanguageModelOptions,
  type TransfusionProvider,
} from '../index.js';
import { tinyModel } from '../testing-internals/tiny-model.js';

let trained: TrainedModel & { engine: ReturnType<typeof createEngine> };
let provider: TransfusionProvider;
beforeAll(async () => {
  const model = await tinyModel();
  trained = { ...model, engine: createEngine(model.model, model.params) };
  provider = transfusionInProcess(trained, { modelId: 'tiny' });
});
beforeEach(() => {
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

const gray = (level: number, width = 4): RgbImage => ({
  width,
  height: 4,
  data: new Uint8Array(width * 12).fill(level),
});
const imageOptions = (options: TransfusionImageModelOptions = {}) => ({
  transfusion: { numInferenceSteps: 2, guidanceScale: 2, ...options },
});
const textOptions = (options: TransfusionLanguageModelOptions) => ({
  transfusion: { numInferenceSteps: 2, ...options },
});
const decoded = (files: readonly GeneratedFile[]) =>
  Promise.all(files.map(({ uint8Array }) => decodeImage(uint8Array)));
/** A PNG of 4 × 4 black pixels whose upper half is transparent. */
const upperHalfMask =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAYAAACp8Z5+AAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQImWNgIAb8R8OoAgB7yAf53vrutAAAAABJRU5ErkJggg==';
const words = (value: string) => ({ modality: 'text', value });

describe('language model', () => {
  it('generates what generate does, and counts tokens', async () => {
    const result = await generateText({
      model: provider('tiny'),
      system: 'a',
      prompt: 'b',
      maxOutputTokens: 6,
      temperature: 0.5,
      seed: 3,
      providerOptions: textOptions({ minTokens: 6 }),
    });
    const text = await generate(trained, {
      prompt: [words('a'), words('b')],
      output: 'text',
      maxTokens: 6,
      minTokens: 6,
      temperature: 0.5,
      seed: 3,
    });
    expect(result.text).toBe(text);
    expect(result.finishReason).toBe('length');
    expect(result.usage).toMatchObject({ inputTokens: 2, outputTokens: 6, totalTokens: 8 });
    expect(result.response.modelId).toBe('tiny');
    expect(result.warnings).toEqual([]);
  });

  it('reads images of the prompt', async () => {
    const bytes = await encodePng(gray(80, 8));
    const prompt = [
      {
        role: 'user' as const,
        content: [
          { type: 'image' as const, image: bytes },
          { type: 'text' as const, text: 'what is it?' },
        ],
      },
    ];
    const { text, usage } = await generateText({
      model: provider('tiny'),
      prompt,
      maxOutputTokens: 4,
      seed: 1,
    });
    const same = { output: 'text', maxTokens: 4, seed: 1 } as const;
    expect(text).toBe(
      await generate(trained, {
        prompt: [{ modality: 'image', value: gray(80, 8) }, words('what is it?')],
        ...same,
      }),
    );
    // Eight patches, and eleven bytes.
    expect(usage.inputTokens).toBe(19);
  });

  it('generates an image, with the shape of the last one in the prompt or of a size', async () => {
    const image = await encodePng(gray(80, 8));
    const call = {
      model: provider('tiny'),
      seed: 4,
      prompt: [
        {
          role: 'user' as const,
          content: [
            { type: 'image' as const, image },
            { type: 'text' as const, text: 'mirror it' },
          ],
        },
      ],
    };
    const edited = await generateText({
      ...call,
      providerOptions: textOptions({ modalities: ['image'], imageGuidanceScale: 1.5 }),
    });
    expect(edited.text).toBe('');
    expect(edited.files.map(({ mediaType }) => mediaType)).toEqual(['image/png']);
    expect(await decoded(edited.files)).toEqual(
      await editImage(trained, [{ image: gray(80, 8), instruction: 'mirror it' }], {
        numInferenceSteps: 2,
        imageGuidanceScale: 1.5,
        seed: 4,
      }),
    );
    expect(edited.usage.outputTokens).toBe(8);
    const square = await generateText({
      ...call,
      providerOptions: textOptions({ modalities: ['image'], size: '4x4' }),
    });
    expect(await decoded(square.files)).toMatchObject([{ width: 4, height: 4 }]);
  });

  it.each([1, 2, 3, 4])('streams a document of texts and images, seed %i', async (seed) => {
    const result = streamText({
      model: provider('tiny'),
      prompt: 'red',
      maxOutputTokens: 24,
      seed,
      providerOptions: textOptions({ modalities: ['text', 'image'], maxImages: 2 }),
    });
    const parts: unknown[] = [];
    for await (const part of result.fullStream) {
      if (part.type === 'text-start') parts.push('');
      if (part.type === 'text-delta') parts.push(`${parts.pop() as string}${part.text}`);
      if (part.type === 'file' && part.file.mediaType === 'image/png') {
        parts.push(await decodeImage(part.file.uint8Array));
      } else if (part.type === 'file') parts.push([...part.file.uint8Array.subarray(12)]);
    }
    const segments = await generate(trained, {
      prompt: [words('red')],
      output: 'document',
      maxTokens: 24,
      seed,
      numInferenceSteps: 2,
      maxSpans: 2,
    });
    const values = (segments as { value: unknown }[]).map(({ value }) => value);
    expect(parts).toEqual(values.filter((value) => value !== ''));
  });

  it('shows denoising steps with previews as raw chunks', async () => {
    const { fullStream } = streamText({
      model: provider('tiny'),
      prompt: 'red',
      includeRawChunks: true,
      providerOptions: textOptions({ modalities: ['image'], numInferenceSteps: 3 }),
    });
    const events: OutputEvent[] = [];
    for await (const part of fullStream) if (part.type === 'raw') events.push(part.rawValue as OutputEvent);
    const steps = events.filter((event) => event.type === 'denoise-step');
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(steps[0].preview()).toHaveProperty('width');
  });

  it('has a random seed by default', async () => {
    const call = {
      model: provider('tiny'),
      prompt: 'a',
      maxOutputTokens: 12,
      providerOptions: textOptions({ minTokens: 12 }),
    };
    const texts = await Promise.all([1, 2, 3].map(async () => (await generateText(call)).text));
    expect(new Set(texts).size).toBeGreaterThan(1);
  });

  it('warns, and refuses what the model does not have', async () => {
    const size = await generateText({
      model: provider('tiny'),
      prompt: 'a',
      maxOutputTokens: 2,
      presencePenalty: 1,
      providerOptions: textOptions({ modalities: ['text', 'image'], size: '4x4' }),
    });
    expect(size.warnings).toMatchObject([{ feature: 'presencePenalty' }, { feature: 'size' }]);
    const errorOf = async (options: TransfusionLanguageModelOptions) =>
      generateText({ model: provider('tiny'), prompt: 'a', providerOptions: textOptions(options) }).catch(
        ({ message }: Error) => message,
      );
    expect(await errorOf({ modalities: [] })).toContain('modalities is []');
    expect(await errorOf({ modalities: ['image'], size: 'big' })).toContain("size is 'big'");
    expect(await errorOf({ modalities: ['image'], scheduler: 'magic' })).toContain('magic');
    expect(await errorOf({ minP: 7 })).toContain('minP');
    const mute = transfusionInProcess(await tinyModel(true));
    await expect(
      generateText({
        model: mute('transfusion'),
        prompt: 'a',
        providerOptions: textOptions({ modalities: ['image'] }),
      }),
    ).rejects.toThrow("no modality with files of type image/*, only 'text'");
    expect(() => provider('other')).toThrow("found the model 'other', expected 'tiny'");
    expect(() => provider.imageModel('other')).toThrow("found the model 'other'");
    expect(() => provider.speechModel('other')).toThrow("found the model 'other'");
  });

  it('rejects a bad request before the stream begins', async () => {
    const call = provider('tiny').doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }],
      topK: -1,
    });
    await expect(call).rejects.toThrow('topK');
  });
});

describe('image model', () => {
  it('generates several images in order, each with its own seed', async () => {
    const result = await generateImage({
      model: provider.imageModel('tiny'),
      prompt: 'red',
      n: 3,
      size: '8x4',
      seed: 5,
      providerOptions: imageOptions({ negativePrompt: 'dull' }),
    });
    const expected = await textToImage(trained, ['red', 'red', 'red'], {
      seed: 5,
      numInferenceSteps: 2,
      guidanceScale: 2,
      negativePrompt: 'dull',
      latentShape: [4, 8, 3],
    });
    expect(await decoded(result.images)).toEqual(expected);
    expect(result.providerMetadata.transfusion.images).toEqual([{ seed: 5 }, { seed: 6 }, { seed: 7 }]);
    expect(result.usage).toEqual({ inputTokens: 9, outputTokens: 24, totalTokens: 33 });
    expect(result.warnings).toEqual([]);
  });

  it('heeds the prompt', async () => {
    const call = {
      model: provider.imageModel('tiny'),
      seed: 1,
      size: '4x4' as const,
      providerOptions: imageOptions(),
    };
    const [red, blue] = await Promise.all(
      ['red', 'blue'].map((prompt) => generateImage({ ...call, prompt })),
    );
    expect(red.image.uint8Array).not.toEqual(blue.image.uint8Array);
  });

  it('has random seeds by default, and tells them', async () => {
    const call = {
      model: provider.imageModel('tiny'),
      prompt: 'red',
      size: '4x4' as const,
      providerOptions: imageOptions(),
    };
    const first = await generateImage(call);
    const [{ seed }] = first.providerMetadata.transfusion.images as [{ seed: number }];
    const again = await generateImage({ ...call, seed });
    expect(again.image.uint8Array).toEqual(first.image.uint8Array);
    const other = await generateImage(call);
    expect(other.providerMetadata).not.toEqual(first.providerMetadata);
  });

  it('edits an image', async () => {
    const { image } = await generateImage({
      model: provider.imageModel('tiny'),
      prompt: { text: 'mirror it', images: [await encodePng(gray(90, 8))] },
      seed: 2,
      providerOptions: imageOptions({ imageGuidanceScale: 1.5 }),
    });
    const edit = { image: gray(90, 8), instruction: 'mirror it' };
    const options = { seed: 2, numInferenceSteps: 2, guidanceScale: 2, imageGuidanceScale: 1.5 };
    expect(await decoded([image])).toEqual(await editImage(trained, [edit], options));
  });

  it('inpaints the transparent part of the mask', async () => {
    const call = {
      model: provider.imageModel('tiny'),
      prompt: { text: 'gray', images: [await encodePng(gray(60))], mask: upperHalfMask },
      seed: 3,
      providerOptions: imageOptions(),
    };
    const { images } = await generateImage({ ...call, n: 2 });
    const task = {
      image: gray(60),
      mask: { width: 4, height: 4, data: new Uint8Array(16).fill(255, 0, 8) },
      prompt: 'gray',
    };
    const expected = await inpaintImage(trained, [task, task], {
      seed: 3,
      numInferenceSteps: 2,
      guidanceScale: 2,
    });
    expect(await decoded(images)).toEqual(expected);
    expect(expected[0].data.subarray(24)).toEqual(gray(60).data.subarray(24));
    const opaque = { ...call.prompt, mask: await encodePng(gray(0)) };
    await expect(generateImage({ ...call, prompt: opaque })).rejects.toThrow('no alpha channel');
  });

  it('warns of another size, and of an aspect ratio', async () => {
    const call = { model: provider.imageModel('tiny'), prompt: 'red', providerOptions: imageOptions() };
    const { warnings } = await generateImage({ ...call, size: '1024x500', aspectRatio: '2:1' });
    expect(warnings).toMatchObject([
      { feature: 'aspectRatio' },
      { feature: 'size', details: 'The model generated 8x4 instead of 1024x500.' },
    ]);
  });
});

describe('speech model', () => {
  it('generates audio with the modality of sounds', async () => {
    const { audio, warnings, providerMetadata } = await generateSpeech({
      model: provider.speechModel('tiny'),
      text: 'tweet',
      voice: 'alto',
      outputFormat: 'wav',
      providerOptions: { transfusion: { seed: 9 } },
    });
    const expected = await generate(trained, { prompt: [words('tweet')], output: 'sound', seed: 9 });
    expect([...audio.uint8Array.subarray(12)]).toEqual(expected);
    expect(audio.mediaType).toBe('audio/wav');
    expect(warnings).toEqual([{ type: 'unsupported', feature: 'voice' }]);
    expect(providerMetadata).toEqual({ transfusion: { seed: 9 } });
    const mp3 = await generateSpeech({ model: provider.speechModel('tiny'), text: 'a', outputFormat: 'mp3' });
    expect(mp3.warnings).toMatchObject([{ feature: 'outputFormat', details: 'The model generates wav.' }]);
  });

  it('needs such a modality', async () => {
    const mute = transfusionInProcess(await tinyModel(true));
    await expect(
      generateSpeech({ model: mute.speechModel('transfusion'), text: 'a', maxRetries: 0 }),
    ).rejects.toThrow('audio/*');
  });
});

describe('abort', () => {
  const isIdle = () =>
    vi.waitFor(() => expect(trained.engine.stats).toMatchObject({ numRequests: 0, numRows: 0 }));
  const slow = textOptions({ modalities: ['image'], numInferenceSteps: 1000 });

  it('ends a stream', async () => {
    const controller = new AbortController();
    const { fullStream } = streamText({
      model: provider('tiny'),
      prompt: 'red',
      includeRawChunks: true,
      abortSignal: controller.signal,
      providerOptions: slow,
    });
    const types: string[] = [];
    for await (const { type } of fullStream) {
      types.push(type);
      if (type === 'raw' && types.length > 6) controller.abort();
    }
    expect(types.at(-1)).toBe('abort');
    await isIdle();
  });

  it('ends generation when the stream is canceled', async () => {
    const { stream } = await provider('tiny').doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'red' }] }],
      includeRawChunks: true,
      providerOptions: slow,
    });
    const reader = stream.getReader();
    while ((await reader.read()).value?.type !== 'raw');
    await reader.cancel();
    await isIdle();
  });

  it.each(['generateText', 'generateImage'] as const)('ends %s', async (name) => {
    const controller = new AbortController();
    const shared = { prompt: 'red', abortSignal: controller.signal };
    const call =
      name === 'generateText'
        ? generateText({ ...shared, model: provider('tiny'), providerOptions: slow })
        : generateImage({
            ...shared,
            model: provider.imageModel('tiny'),
            n: 3,
            providerOptions: imageOptions({ numInferenceSteps: 1000 }),
          });
    const failed = expect(call).rejects.toThrow('enough');
    await vi.waitFor(() => expect(trained.engine.stats.numRequests).toBeGreaterThan(0));
    controller.abort(new Error('enough'));
    await failed;
    await isIdle();
    // Later requests are not affected.
    expect(
      (await generateText({ model: provider('tiny'), prompt: 'a', maxOutputTokens: 2 })).finishReason,
    ).toBeDefined();
  });
});
