import { TransfusionError } from '@transfusion/errors';
import type { Shape } from '@transfusion/modality';
import {
  fillMasked,
  keepKnown,
  latentMask,
  resizeImage,
  type PixelMask,
  type RgbImage,
} from '@transfusion/modality-image';
import { drawEach, type Drawing, type DrawingOptions } from './drawing-options.js';
import { encodePrompt, modalityOfImages, type TrainedModel } from './trained-model.js';

/** An image, and what of it is to be drawn anew. */
export interface Inpainting {
  readonly image: RgbImage;
  /** Of the image's size; white is drawn anew. */
  readonly mask: PixelMask;
  /** What the whole image shows; nothing said by default. */
  readonly text?: string;
}

/** Options of {@link inpaintImage}. */
export interface InpaintImageOptions extends DrawingOptions {
  /** Takes each step so often: what is drawn fits better, and takes as much longer. 4 by default. */
  readonly resample?: number;
}

/**
 * Draws a part of each image anew so that it fits the rest (Lugmayr et al. 2022). What is known stays as it
 * is, pixel for pixel, scaled to the model's size; what lies under the mask is not looked at. Any model that draws
 * can.
 *
 * @throws TransfusionError `invalid-argument` for a mask of another size than its image or with nothing to
 *   draw in what is not cropped, and for options out of range; `not-found` if the model knows no images
 */
export async function inpaintImage(
  trained: TrainedModel,
  inpaintings: readonly Inpainting[],
  { resample = 4, ...options }: InpaintImageOptions = {},
): Promise<RgbImage[]> {
  inpaintings.forEach(checkInpainting);
  const { modalities } = trained.model;
  const modality = modalityOfImages(modalities).name;
  const drawings = inpaintings.map(async ({ image, mask, text = '' }): Promise<Drawing> => {
    const [encoded] = await encodePrompt(modalities, [fillMasked(image, mask)]);
    if (!('latent' in encoded))
      throw new TransfusionError('mismatch', `inpaintImage: '${modality}' has no latents.`);
    const { latent } = encoded;
    const known = { latent, mask: knownLatents(mask, latent.shape), resample };
    return { prompt: await encodePrompt(modalities, text === '' ? [] : [text]), begin: { modality, known } };
  });
  const drawn = await drawEach(trained, await Promise.all(drawings), options);
  return Promise.all(
    drawn.map(async (generated, i) => {
      const { image, mask } = inpaintings[i];
      return keepKnown(generated, await resizeImage(image, generated.width, generated.height), mask);
    }),
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
      `draws images whose sides are as ${width} to ${height}. Crop the image and its mask so that it stays.`,
  );
}

function checkInpainting({ image, mask }: Inpainting): void {
  if (mask.width !== image.width || mask.height !== image.height) {
    throw new TransfusionError(
      'invalid-argument',
      `inpaintImage: the mask has ${mask.width}x${mask.height} pixels, expected ${image.width}x${image.height}, as its image has.`,
    );
  }
  if (mask.data.some((value) => value >= 128)) return;
  throw new TransfusionError(
    'invalid-argument',
    'inpaintImage: the mask has no white pixel, so there is nothing to draw.',
  );
}
