import type { KnownLatent } from '@transfusion/core';
import { checkFields, TransfusionError } from '@transfusion/errors';
import { encodeDocuments, type ModalityRegistry, type Shape } from '@transfusion/modality';
import {
  fillMasked,
  keepKnown,
  latentMask,
  resizeImage,
  type PixelMask,
  type RgbImage,
} from '@transfusion/modality-image';
import { checkIsArray } from '../check-is-array.js';
import type { TrainedModel } from '../trained-model.js';
import {
  generateImages,
  imageOptionFields,
  type GenerateImageOptions,
  type ImageRequest,
} from './generate-images.js';
import { imageModalityName, promptSegments } from './prompt-segments.js';

// For masks in files.
export { decodeMask } from '@transfusion/modality-image';

/** An image and the part of it to generate. */
export interface ImageInpainting {
  readonly image: RgbImage;
  /** Mask of the image's size; white pixels are generated. */
  readonly mask: PixelMask;
  /** Caption of the full image; defaults to none. */
  readonly prompt?: string;
}

/** Options of {@link inpaintImage}. */
export interface InpaintImageOptions extends GenerateImageOptions {
  /**
   * Number of times each denoising step is taken (RePaint resampling); higher blends better and takes longer,
   * in proportion. Defaults to 4.
   */
  readonly numResamples?: number;
}

/**
 * Inpaints images so that the generated region harmonizes with the known one (Lugmayr et al. 2022). Images
 * are scaled to the model's size; known pixels are otherwise kept exactly, and pixels under the mask are
 * ignored. Works with any model that denoises images.
 *
 * @throws TransfusionError `invalid-argument` for a mask whose size differs from its image's, or that leaves
 *   nothing to generate after cropping, and for options out of range; `not-found` if the model has no image
 *   modality, `mismatch` if its images have no latents
 */
export async function inpaintImage(
  trained: TrainedModel,
  inpaintings: readonly ImageInpainting[],
  inpaintOptions: InpaintImageOptions = {},
): Promise<RgbImage[]> {
  checkIsArray('inpaintImage: inpaintings', inpaintings);
  checkFields('inpaintImage: options', inpaintOptions, { ...imageOptionFields, numResamples: true });
  inpaintings.forEach(checkInpainting);
  const { numResamples = 4, ...options } = inpaintOptions;
  const { modalities } = trained.model;
  const toRequests = async (batch: readonly ImageInpainting[], first: number): Promise<ImageRequest[]> => {
    const known = await knownLatents(modalities, batch, numResamples, first);
    const documents = batch.map(({ prompt = '' }) => ({ segments: promptSegments(modalities, prompt) }));
    const prompts = await encodeDocuments(modalities, documents, first);
    return batch.map((_, i) => ({ prompt: prompts[i], known: known[i] }));
  };
  const generated = await generateImages(trained, inpaintings, toRequests, options);
  return Promise.all(generated.map((inpainted, i) => withKnownPixels(inpainted, inpaintings[i])));
}

/**
 * Returns the `known` of a request that inpaints an image, for `generate` and `generateStream`; give what they
 * generate to {@link withKnownPixels}.
 *
 * @param numResamples as for {@link inpaintImage}
 * @throws TransfusionError as {@link inpaintImage}
 */
export async function knownLatent(
  { modalities }: TrainedModel['model'],
  inpainting: ImageInpainting,
  numResamples = 4,
): Promise<KnownLatent> {
  checkInpainting(inpainting);
  return (await knownLatents(modalities, [inpainting], numResamples))[0];
}

/** Returns a generated image of any size with the known pixels of the original, scaled to that size. */
export async function withKnownPixels(
  inpainted: RgbImage,
  { image, mask }: ImageInpainting,
): Promise<RgbImage> {
  return keepKnown(inpainted, await resizeImage(image, inpainted.width, inpainted.height), mask);
}

async function knownLatents(
  modalities: ModalityRegistry,
  inpaintings: readonly ImageInpainting[],
  numResamples: number,
  first?: number,
): Promise<KnownLatent[]> {
  const documents = inpaintings.map(({ image, mask }) => ({
    segments: promptSegments(modalities, fillMasked(image, mask)),
  }));
  return (await encodeDocuments(modalities, documents, first)).map(([encoded], i) => {
    if (!('latent' in encoded)) throw noLatents(imageModalityName(modalities));
    const { latent } = encoded;
    return { latent, knownMask: knownLatentMask(inpaintings[i].mask, latent.shape), numResamples };
  });
}

function noLatents(modality: string): TransfusionError {
  return new TransfusionError(
    'mismatch',
    `inpaintImage: '${modality}' is discrete, expected a continuous modality. Use a model that denoises images.`,
  );
}

/** @throws TransfusionError `invalid-argument` if every element is known */
function knownLatentMask(mask: PixelMask, latentShape: Shape): Uint8Array {
  const knownMask = latentMask(mask, latentShape);
  if (knownMask.includes(0)) return knownMask;
  const [height, width] = latentShape;
  throw new TransfusionError(
    'invalid-argument',
    `inpaintImage: the white part of the ${mask.width}x${mask.height} mask is cropped off, because the model ` +
      `generates images with aspect ratio ${width}:${height}. Crop the image and its mask to that ratio first.`,
  );
}

function checkInpainting({ image, mask }: ImageInpainting): void {
  if (mask.width !== image.width || mask.height !== image.height) {
    throw new TransfusionError(
      'invalid-argument',
      `inpaintImage: the mask is ${mask.width}x${mask.height} pixels, expected ${image.width}x${image.height}, the size of ` +
        `its image. Resize the mask.`,
    );
  }
  if (mask.data.some((value) => value >= 128)) return;
  throw new TransfusionError(
    'invalid-argument',
    'inpaintImage: the mask has no white pixel, expected the pixels to generate in white. Check the mask.',
  );
}
