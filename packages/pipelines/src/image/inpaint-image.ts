import { TransfusionError } from '@transfusion/errors';
import { encodeDocument, type Shape } from '@transfusion/modality';
import {
  fillMasked,
  keepKnown,
  latentMask,
  resizeImage,
  type PixelMask,
  type RgbImage,
} from '@transfusion/modality-image';
import type { TrainedModel } from '../trained-model.js';
import { generateImages, type GenerateImageOptions, type ImageRequest } from './generate-images.js';
import { imageModalityName, promptSegments } from './prompt-segments.js';

/** An image, and the part of it to generate. */
export interface ImageInpainting {
  readonly image: RgbImage;
  /** Of the image's size; white pixels are generated. */
  readonly mask: PixelMask;
  /** Caption of the whole image; defaults to none. */
  readonly text?: string;
}

/** Options of {@link inpaintImage}. */
export interface InpaintImageOptions extends GenerateImageOptions {
  /** Resampling steps (RePaint): more fit the known part better, and take longer in proportion. Defaults to 4. */
  readonly resample?: number;
}

/**
 * Inpaints images so that the generated part fits the rest (Lugmayr et al. 2022). Known pixels stay as they are,
 * scaled to the model's size; masked pixels are ignored. Works with any model that denoises images.
 *
 * @throws TransfusionError `invalid-argument` for a mask of another size than its image or with nothing to
 *   generate in what is not cropped, and for options out of range; `not-found` if the model has no modality of
 *   images, `mismatch` if its images have no latents
 */
export async function inpaintImage(
  trained: TrainedModel,
  inpaintings: readonly ImageInpainting[],
  { resample = 4, ...options }: InpaintImageOptions = {},
): Promise<RgbImage[]> {
  inpaintings.forEach(checkInpainting);
  const { modalities } = trained.model;
  const toRequest = async ({ image, mask, text = '' }: ImageInpainting): Promise<ImageRequest> => {
    const encode = (...values: (string | RgbImage)[]) =>
      encodeDocument(modalities, { segments: promptSegments(modalities, ...values) });
    const [encoded] = await encode(fillMasked(image, mask));
    if (!('latent' in encoded)) throw noLatents(imageModalityName(modalities));
    const { latent } = encoded;
    const known = { latent, mask: knownLatents(mask, latent.shape), resample };
    return { prompt: await encode(text), known };
  };
  const generated = await generateImages(trained, inpaintings, toRequest, options);
  return Promise.all(
    generated.map(async (inpainted, i) => {
      const { image, mask } = inpaintings[i];
      return keepKnown(inpainted, await resizeImage(image, inpainted.width, inpainted.height), mask);
    }),
  );
}

function noLatents(modality: string): TransfusionError {
  return new TransfusionError(
    'mismatch',
    `inpaintImage: '${modality}' has no latents, expected a continuous modality. Use a model that denoises its images.`,
  );
}

/** @throws TransfusionError `invalid-argument` if all is known */
function knownLatents(mask: PixelMask, latentShape: Shape): Uint8Array {
  const known = latentMask(mask, latentShape);
  if (known.includes(0)) return known;
  const [height, width] = latentShape;
  throw new TransfusionError(
    'invalid-argument',
    `inpaintImage: what is white in the mask of ${mask.width}x${mask.height} pixels is cropped off, since the model ` +
      `generates images whose sides are as ${width} to ${height}. Crop the image and its mask so that it stays.`,
  );
}

function checkInpainting({ image, mask }: ImageInpainting): void {
  if (mask.width !== image.width || mask.height !== image.height) {
    throw new TransfusionError(
      'invalid-argument',
      `inpaintImage: the mask has ${mask.width}x${mask.height} pixels, expected ${image.width}x${image.height}, as its image has.`,
    );
  }
  if (mask.data.some((value) => value >= 128)) return;
  throw new TransfusionError(
    'invalid-argument',
    'inpaintImage: the mask has no white pixel, so there is nothing to generate.',
  );
}
