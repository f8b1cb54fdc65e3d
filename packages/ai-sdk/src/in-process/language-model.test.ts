import { decodeImage, encodePng } from '@transfusion/modality-image';
import { editImage, generate, type OutputEvent, type TrainedModel } from '@transfusion/pipelines';
import { generateText, streamText, type GeneratedFile } from 'ai';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  transfusionInProcess,
  type TransfusionLanguageModelOptions,
  type TransfusionProvider,
} from '../index.js';
import { gray } from '../testing-internals/gray-image.js';
import { tinyModel } from '../testing-internals/tiny-model.js';

let trained: TrainedModel;
let provider: TransfusionProvider;
beforeAll(async () => {
  trained = await tinyModel();
  provider = transfusionInProcess(trained, { modelId: 'tiny' });
});
beforeEach(() => {
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

const textOptions = (options: TransfusionLanguageModelOptions) => ({
  transfusion: { numInferenceSteps: 2, ...options },
});
const decoded = (files: readonly GeneratedFile[]) =>
  Promise.all(files.map(({ uint8Array }) => decodeImage(uint8Array)));
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
      prompt: [words('a\nb')],
      output: 'text',
      maxTokens: 6,
      minTokens: 6,
      temperature: 0.5,
      seed: 3,
    });
    expect(result.text).toBe(text);
    expect(result.finishReason).toBe('length');
    expect(result.usage).toMatchObject({ inputTokens: 3, outputTokens: 6, totalTokens: 9 });
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
    const same = { output: 'text', minTokens: 1, maxTokens: 4, seed: 1 } as const;
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
      if (part.type === 'file') parts.push(await decodeImage(part.file.uint8Array));
    }
    const segments = await generate(trained, {
      prompt: [words('red')],
      output: 'document',
      maxTokens: 24,
      seed,
      numInferenceSteps: 2,
      maxSpans: 2,
      // The model has sounds, too.
      modalities: ['text', 'image'],
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

  it('has a random seed by default, and reports it', async () => {
    const call = {
      model: provider('tiny'),
      prompt: 'a',
      maxOutputTokens: 12,
      providerOptions: textOptions({ minTokens: 12 }),
    };
    const results = await Promise.all([1, 2, 3].map(() => generateText(call)));
    expect(new Set(results.map(({ text }) => text)).size).toBeGreaterThan(1);
    const [{ text, providerMetadata }] = results;
    const { seed } = providerMetadata?.transfusion as { seed: number };
    const again = streamText({ ...call, seed });
    expect(await again.text).toBe(text);
    expect(await again.providerMetadata).toEqual({ transfusion: { seed } });
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
    const mute = transfusionInProcess(await tinyModel('none'));
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

  it('generates images that are tokens, alone and among texts', async () => {
    const tokens = await tinyModel('tokens');
    const model = transfusionInProcess(tokens)('transfusion');
    const call = { model, prompt: 'red', maxOutputTokens: 30, seed: 2 };
    const alone = await generateText({ ...call, providerOptions: textOptions({ modalities: ['image'] }) });
    expect(await decoded(alone.files)).toEqual([
      await generate(tokens, { prompt: [words('red')], output: 'image', seed: 2 }),
    ]);
    expect(alone.usage.outputTokens).toBe(2);
    const both = await generateText({
      ...call,
      providerOptions: textOptions({ modalities: ['text', 'image'] }),
    });
    expect(new Set(both.files.map(({ mediaType }) => mediaType))).toEqual(new Set(['image/png']));
    expect(both.text).not.toBe('');
  });

  it('generates audio as a file', async () => {
    const { files } = await generateText({
      model: provider('tiny'),
      prompt: 'tweet',
      seed: 9,
      providerOptions: textOptions({ modalities: ['audio'] }),
    });
    const expected = await generate(trained, { prompt: [words('tweet')], output: 'sound', seed: 9 });
    expect(files.map(({ uint8Array }) => [...uint8Array.subarray(12)])).toEqual([expected]);
  });

  it('rejects a bad request before the stream begins', async () => {
    const call = provider('tiny').doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }],
      topK: -1,
    });
    await expect(call).rejects.toThrow('topK');
  });
});
