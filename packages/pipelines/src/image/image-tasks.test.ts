import * as tf from '@transfusion/tfjs';
import {
  createTransfusion,
  createEngine,
  generateDocuments,
  transformerConfig,
  type GenerationRequest,
} from '@transfusion/core';
import { flowEuler } from '@transfusion/diffusion';
import {
  createModalityRegistry,
  decodeDocument,
  encodeDocument,
  type LatentCodec,
} from '@transfusion/modality';
import {
  createVqAutoencoder,
  image,
  imageTokens,
  isRgbImage,
  pixelCodec,
  type PixelMask,
  type RgbImage,
} from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import { beforeAll, expect, test } from 'vitest';
import { editImage, imageToText, inpaintImage, textToImage, type TrainedModel } from '../index.js';

const transformer = transformerConfig({ modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32 });
const modalities = createModalityRegistry(
  text(),
  image({ latentShapes: [[4, 4, 3]], patchSize: 2, diffusion: flowEuler() }),
);
const model = createTransfusion({ modalities, transformer });
let trained: TrainedModel;
beforeAll(async () => {
  await tf.setBackend('cpu');
  trained = { model, params: model.init(createRng(1)) };
});

const gray = (level: number): RgbImage => ({ width: 4, height: 4, data: new Uint8Array(48).fill(level) });
const options = { numInferenceSteps: 2, guidanceScale: 2, seed: 5 };
const spanSampling = { numInferenceSteps: 2, guidanceScale: 2 };

/** The result of core's generation. */
async function generated(request: Omit<GenerationRequest, 'prompt'>, ...values: unknown[]): Promise<unknown> {
  const segments = values.map((value) => ({
    modality: typeof value === 'string' ? 'text' : 'image',
    value,
  }));
  const prompt = await encodeDocument(modalities, { segments });
  const [document] = await generateDocuments(createEngine(trained.model, trained.params), [
    { ...request, prompt },
  ]);
  const decoded = await decodeDocument(modalities, document);
  return typeof decoded[0]?.value === 'string'
    ? decoded.map(({ value }) => value).join('')
    : decoded[0]?.value;
}

test('generates the images that core generates, each with its own seed, in batches', async () => {
  const texts = [...Array.from({ length: 16 }, (_, i) => `number ${i}`), ''];
  const images = await textToImage(trained, texts, options);
  expect(images).toHaveLength(17);
  const firstSpan = { modality: 'image' };
  expect(images[3]).toEqual(await generated({ seed: 8, firstSpan, maxTokens: 0, spanSampling }, 'number 3'));
  expect(images[16]).toEqual(await generated({ seed: 21, firstSpan, maxTokens: 0, spanSampling }));
  expect(images[1].data).not.toEqual(images[2].data);
});

test('captions greedily by default', async () => {
  const captions = await imageToText(trained, [gray(10), gray(200)], { maxTokens: 5 });
  const request = { seed: 0, maxTokens: 5, minTokens: 1, maxSpans: 0, tokenSampling: { temperature: 0 } };
  expect(captions).toEqual([await generated(request, gray(10)), await generated(request, gray(200))]);
  const [sampled] = await imageToText(trained, [gray(10)], { maxTokens: 5, temperature: 1, seed: 3 });
  expect(sampled).not.toBe(captions[0]);
});

test('edits an image given the image and the instruction, with two guidance scales', async () => {
  const [edited] = await editImage(trained, [{ image: gray(90), instruction: 'mirror it' }], {
    ...options,
    imageGuidanceScale: 1.5,
  });
  const request = {
    seed: 5,
    firstSpan: { modality: 'image' },
    maxTokens: 0,
    spanSampling: { ...spanSampling, spanGuidanceScale: 1.5 },
  };
  expect(edited).toEqual(await generated(request, gray(90), 'mirror it'));
});

test('inpaints the white part of the mask and keeps the rest', async () => {
  const image = gray(60);
  const mask: PixelMask = { width: 4, height: 4, data: new Uint8Array(16).fill(255, 0, 8) };
  const [inpainted] = await inpaintImage(trained, [{ image, mask, prompt: 'gray' }], options);
  expect(inpainted.data.subarray(24)).toEqual(image.data.subarray(24));
  expect(inpainted.data.subarray(0, 24)).not.toEqual(image.data.subarray(0, 24));
  const wide = { ...mask, width: 8, data: new Uint8Array(32).fill(255) };
  await expect(inpaintImage(trained, [{ image, mask: wide }])).rejects.toThrow(
    'inpaintImage: the mask is 8x4 pixels, expected 4x4',
  );
  const black = { ...mask, data: new Uint8Array(16) };
  await expect(inpaintImage(trained, [{ image, mask: black }])).rejects.toThrow('no white pixel');
  const broad = { width: 12, height: 4, data: new Uint8Array(144) };
  const edge = {
    width: 12,
    height: 4,
    data: Uint8Array.from({ length: 48 }, (_, i) => (i % 12 < 3 ? 255 : 0)),
  };
  await expect(inpaintImage(trained, [{ image: broad, mask: edge }])).rejects.toThrow(
    'the white part of the 12x4 mask is cropped off, because the model generates images with aspect ratio 4:4',
  );
});

test('inpainting ignores pixels under the mask', async () => {
  // A codec whose latents depend on the full image, as a convolutional autoencoder's do on neighboring
  // pixels.
  const pixels = pixelCodec([[4, 4, 3]]);
  const codec: LatentCodec<RgbImage> = {
    ...pixels,
    encode: async (images) =>
      (await pixels.encode(images)).map(({ shape, data }) => {
        const mean = data.reduce((sum, value) => sum + value / data.length, 0);
        return { shape, data: data.map((value) => value + mean) };
      }),
  };
  const images = image({ latentShapes: [[4, 4, 3]], patchSize: 2, codec, diffusion: flowEuler() });
  const looking = createTransfusion({ modalities: createModalityRegistry(text(), images), transformer });
  const mask: PixelMask = { width: 4, height: 4, data: new Uint8Array(16).fill(255, 0, 8) };
  const painted = { ...gray(60), data: gray(60).data.map((value, i) => (i < 24 ? 250 : value)) };
  const [known, ofPainted] = await codec.encode([gray(60), painted]);
  expect(ofPainted.data.at(-1)).not.toBe(known.data.at(-1));
  const inpaint = (image: RgbImage) =>
    inpaintImage({ ...trained, model: looking }, [{ image, mask }], options);
  expect(await inpaint(painted)).toEqual(await inpaint(gray(60)));
});

test('images as tokens are generated, captioned and edited like images with latents', async () => {
  const autoencoder = createVqAutoencoder({
    channels: [4, 4],
    latentChannels: 2,
    codebookSize: 8,
    numBlocks: 1,
  });
  const images = await imageTokens({
    autoencoder,
    params: autoencoder.init(createRng(2)),
    gridSize: [2, 3],
  });
  const tokens = createTransfusion({ modalities: createModalityRegistry(text(), images), transformer });
  const tokenModel = { model: tokens, params: tokens.init(createRng(3)) };

  const [first, second] = await textToImage(tokenModel, ['red', 'red'], { seed: 1 });
  const { factor } = autoencoder;
  expect(first).toMatchObject({ width: 3 * factor, height: 2 * factor });
  expect(isRgbImage(first)).toBe(true);
  expect(second).not.toEqual(first);
  expect(await textToImage(tokenModel, ['red'], { seed: 1 })).toEqual([first]);
  const [edited] = await editImage(tokenModel, [{ image: first, instruction: 'mirror it' }]);
  expect(edited).toMatchObject({ width: 3 * factor, height: 2 * factor });
  expect(await imageToText(tokenModel, [first], { maxTokens: 4 })).toEqual([expect.any(String)]);

  const mask = {
    width: first.width,
    height: first.height,
    data: new Uint8Array(first.data.length / 3).fill(255),
  };
  await expect(inpaintImage(tokenModel, [{ image: first, mask }])).rejects.toThrow("'image' is discrete");
  await expect(textToImage(tokenModel, ['red'], { latentShape: [2, 3, 4] })).rejects.toThrow(
    "latentShape is set, but output 'image' has no latents",
  );
});

test('the error names a missing modality', async () => {
  const silent = createTransfusion({
    modalities: createModalityRegistry(image({ latentShapes: [[4, 4, 3]], patchSize: 2 })),
    transformer,
  });
  await expect(textToImage({ ...trained, model: silent }, ['a cat'])).rejects.toThrow('no text modality');
  const blind = createTransfusion({
    modalities: createModalityRegistry(text()),
    transformer,
  });
  await expect(imageToText({ ...trained, model: blind }, [gray(1)])).rejects.toThrow('no image modality');
});

test('a single value in place of a list is refused', async () => {
  await expect(textToImage(trained, 'red' as never)).rejects.toThrow(
    'textToImage: prompts: found string, expected an array.',
  );
  await expect(imageToText(trained, gray(1) as never)).rejects.toThrow(
    'imageToText: images: found object, expected an array.',
  );
});
