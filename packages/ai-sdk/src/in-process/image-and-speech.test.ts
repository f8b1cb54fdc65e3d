import { decodeImage, encodePng } from '@transfusion/modality-image';
import { editImage, generate, inpaintImage, textToImage, type TrainedModel } from '@transfusion/pipelines';
import { experimental_generateSpeech as generateSpeech, generateImage, type GeneratedFile } from 'ai';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  transfusionInProcess,
  type TransfusionImageModelOptions,
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

const imageOptions = (options: TransfusionImageModelOptions = {}) => ({
  transfusion: { numInferenceSteps: 2, guidanceScale: 2, ...options },
});
const decoded = (files: readonly GeneratedFile[]) =>
  Promise.all(files.map(({ uint8Array }) => decodeImage(uint8Array)));
/** A PNG of 4 × 4 black pixels whose upper half is transparent. */
const upperHalfMask =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAYAAACp8Z5+AAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEElEQVQImWNgIAb8R8OoAgB7yAf53vrutAAAAABJRU5ErkJggg==';
const words = (value: string) => ({ modality: 'text', value });

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
    // The prompt counts once.
    expect(result.usage).toEqual({ inputTokens: 3, outputTokens: 24, totalTokens: 27 });
    expect(result.warnings).toEqual([]);
  });

  it('generates more than ten images, each with its own seed', async () => {
    const warn = vi.spyOn(process, 'emitWarning');
    const call = { model: provider.imageModel('tiny'), prompt: 'red', size: '4x4' as const, n: 12 };
    const { images, providerMetadata } = await generateImage({
      ...call,
      seed: 2 ** 32 - 10,
      providerOptions: imageOptions({ numInferenceSteps: 1 }),
    });
    expect(new Set(images.map(({ base64 }) => base64)).size).toBe(12);
    const seeds = providerMetadata.transfusion.images.map((image) => (image as { seed: number }).seed);
    expect(seeds.slice(8)).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0, 1]);
    const again = await generateImage({
      ...call,
      n: 2,
      seed: 0,
      providerOptions: imageOptions({ numInferenceSteps: 1 }),
    });
    expect(again.images.map(({ base64 }) => base64)).toEqual(images.slice(10).map(({ base64 }) => base64));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
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
    const mute = transfusionInProcess(await tinyModel('none'));
    await expect(
      generateSpeech({ model: mute.speechModel('transfusion'), text: 'a', maxRetries: 0 }),
    ).rejects.toThrow('audio/*');
  });
});
