/**
 * Previews of latents: a linear map from the channels of a latent to RGB, position by position. A convolutional
 * autoencoder's latents keep the image's layout and encode its colors almost linearly, so that a map fitted once shows a
 * small but recognizable image. First done for Stable Diffusion
 * (https://discuss.huggingface.co/t/decoding-latents-to-rgb-without-upscaling/23204).
 */
import { TransfusionError } from '@transfusion/errors';
import { formatShape, type Latent } from '@transfusion/modality';
import { pixelsToImage } from '../pixel-codec.js';
import type { RgbImage } from '../rgb-image.js';

/** A linear map from latents to RGB values from -1 to 1; plain JSON. */
export interface LatentPreview {
  /** [C, 3]: for each channel of the latent, its share in red, green and blue. */
  readonly weights: readonly (readonly number[])[];
  /** [3]: red, green and blue of a latent of zeros. */
  readonly bias: readonly number[];
}

/**
 * Returns an image of h × w pixels for each latent [h, w, C], by a map of `fitLatentPreview`: the `preview` of a
 * codec of your own. Colors outside 8-bit sRGB are clipped.
 *
 * @throws TransfusionError `mismatch` for latents with a different number of channels than the map
 */
export function previewLatents(preview: LatentPreview, latents: readonly Latent[]): RgbImage[] {
  return latents.map((latent) => pixelsToImage(toPixels(preview, latent)));
}

function toPixels({ weights, bias }: LatentPreview, { shape, data }: Latent): Latent {
  const [h, w, C] = shape;
  if (shape.length !== 3 || C !== weights.length) {
    throw new TransfusionError(
      'mismatch',
      `previewLatents: the latent has the shape ${formatShape(shape)}, expected [h, w, ${weights.length}] for the map's ` +
        'weights. Fit a preview for the codec of these latents.',
    );
  }
  const pixels = new Float32Array(h * w * 3);
  for (let i = 0; i < pixels.length; i++) {
    const [start, color] = [Math.floor(i / 3) * C, i % 3];
    pixels[i] = weights.reduce((sum, row, c) => sum + row[color] * data[start + c], bias[color]);
  }
  return { shape: [h, w, 3], data: pixels };
}

/** Describes the first problem of a map for latents of `channels` channels; undefined if it is valid. */
export function latentPreviewProblem(preview: unknown, channels: number): string | undefined {
  const { weights, bias } = Object(preview) as Partial<LatentPreview>;
  if (!Array.isArray(weights) || weights.length !== channels || !weights.every(isColor)) {
    return `weights is not a list of ${channels} lists of 3 numbers`;
  }
  return isColor(bias) ? undefined : 'bias is not a list of 3 numbers';
}

function isColor(value: unknown): boolean {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
}
