import type { WebModel } from '@transfusion/web';
import { describe, expect, it } from 'vitest';
import type { GenerationRequest } from '../api/backend.js';
import { webRequest } from './web-request.js';

const shape = (height: number, width: number) => ({
  latent_shape: [height / 8, width / 8, 8],
  value_shape: [height, width, 3],
});
const config = {
  modalities: [
    { kind: 'discrete', name: 'words' },
    { kind: 'continuous', name: 'sounds', media_type: 'audio/wav', shapes: [] },
    { kind: 'continuous', name: 'images', media_type: 'image/png', shapes: [shape(64, 64), shape(32, 64)] },
  ],
} as unknown as WebModel['config'];

const base: GenerationRequest = {
  mode: 'image',
  prompt: 'a red apple',
  images: [],
  seed: 7,
  numPreviews: 9,
};

/** Images that are their data URI's last letter. */
const readPixels = async (dataUri: string) => ({
  width: 1,
  height: 1,
  data: Uint8Array.of(0, 0, 0, Number(dataUri.at(-1))),
});
const pixels = (alpha: number) => ({ width: 1, height: 1, data: Uint8Array.of(0, 0, 0, alpha) });
const translated = (changes: Partial<GenerationRequest>) =>
  webRequest(config, { ...base, ...changes }, readPixels);

describe('a request for the model in the browser', () => {
  it('names the model’s modalities, and leaves out what is not set', async () => {
    expect(await translated({})).toEqual({
      prompt: [{ modality: 'words', value: 'a red apple' }],
      output: 'images',
      seed: 7,
    });
  });

  it('has all settings of an image', async () => {
    const settings = {
      numInferenceSteps: 10,
      guidanceScale: 4,
      imageGuidanceScale: 2,
      scheduler: 'flow-heun',
      negativePrompt: 'blue',
      size: '64x32',
      temperature: 0.5,
      maxTokens: 5,
    };
    expect(await translated(settings)).toEqual({
      prompt: [{ modality: 'words', value: 'a red apple' }],
      output: 'images',
      seed: 7,
      numInferenceSteps: 10,
      guidanceScale: 4,
      spanGuidanceScale: 2,
      scheduler: 'flow-heun',
      negativePrompt: [{ modality: 'words', value: 'blue' }],
      latentShape: [4, 8, 8],
    });
  });

  it('has images before the text, and the size of the last one', async () => {
    expect(await translated({ images: [{ dataUri: 'data:1' }, { dataUri: 'data:2' }] })).toEqual({
      prompt: [
        { modality: 'images', value: pixels(1) },
        { modality: 'images', value: pixels(2) },
        { modality: 'words', value: 'a red apple' },
      ],
      output: 'images',
      seed: 7,
      latentShapeOf: 1,
    });
  });

  it('inpaints the last image where the mask is transparent', async () => {
    expect(
      await translated({ images: [{ dataUri: 'data:1' }, { dataUri: 'data:2' }], mask: 'data:3' }),
    ).toMatchObject({
      prompt: [
        { modality: 'images', value: pixels(1) },
        { modality: 'words', value: 'a red apple' },
      ],
      inpaint: { image: pixels(2), mask: { width: 1, height: 1, data: Uint8Array.of(252) } },
    });
  });

  it('has the limits of texts and documents', async () => {
    expect(
      await translated({ mode: 'text', prompt: '', images: [{ dataUri: 'data:1' }], temperature: 0.5 }),
    ).toEqual({
      prompt: [{ modality: 'images', value: pixels(1) }],
      output: 'words',
      seed: 7,
      maxTokens: 1024,
      minTokens: 1,
      temperature: 0.5,
    });
    expect(await translated({ mode: 'auto', maxTokens: 9, maxImages: 3 })).toMatchObject({
      output: 'document',
      maxTokens: 9,
      minTokens: 0,
      maxSpans: 3,
    });
  });

  it('refuses what the model lacks', async () => {
    await expect(translated({ size: '8x8' })).rejects.toMatchObject({ kind: 'request', param: 'size' });
    const blind = { modalities: [config.modalities[0]] } as unknown as WebModel['config'];
    await expect(webRequest(blind, base, readPixels)).rejects.toThrow('The model has no image modality.');
  });
});
