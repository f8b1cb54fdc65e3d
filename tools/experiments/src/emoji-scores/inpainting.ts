/** Pictures half of which is to be drawn anew. */
import { peakSignalToNoise } from '@transfusion/evaluators';
import { latentMask, type PixelMask, type RgbImage } from '@transfusion/modality-image';
import type { LoadedModel } from '@transfusion/recipes';
import type { LabelledPicture } from '../emoji-set.js';
import type { DrawingSettings } from './drawing.js';
import { encodeValues, generatePictures, latentOf } from './generate-all.js';

/** How often a step is taken, so that what is drawn fits to what is known. */
const RESAMPLE = 2;

/** A mask over the left, the top, the right or the bottom half, by its number. */
export function halfMask(side: number, number: number): PixelMask {
  const isDrawn = [
    (x: number): boolean => x < side / 2,
    (_: number, y: number): boolean => y < side / 2,
    (x: number): boolean => x >= side / 2,
    (_: number, y: number): boolean => y >= side / 2,
  ][number % 4];
  const data = Uint8Array.from({ length: side * side }, (_, i) =>
    isDrawn(i % side, Math.floor(i / side)) ? 255 : 0,
  );
  return { width: side, height: side, data };
}

/** The pictures with the masks' pixels drawn anew, for their captions; the rest as the model's codec has it. */
export function inpaint(
  loaded: LoadedModel,
  pictures: readonly LabelledPicture[],
  masks: readonly PixelMask[],
  { seed, ...spans }: DrawingSettings,
): Promise<RgbImage[]> {
  return generatePictures(loaded, pictures.length, async (i) => {
    const latent = await latentOf(loaded, pictures[i].image);
    const known = { latent, mask: latentMask(masks[i], latent.shape), resample: RESAMPLE };
    return {
      prompt: await encodeValues(loaded, [pictures[i].caption]),
      begin: { modality: 'image', known },
      seed: seed + i,
      maxTokens: 0,
      spans,
    };
  });
}

/** The peak signal-to-noise ratio, in decibels, of all pixels together that the masks leave as they are. */
export function knownPixelsPsnr(
  pictures: readonly RgbImage[],
  originals: readonly RgbImage[],
  masks: readonly PixelMask[],
): number {
  const known = (images: readonly RgbImage[]): RgbImage => {
    const data = images.flatMap(({ data }, i) =>
      [...data].filter((_, place) => masks[i].data[Math.floor(place / 3)] < 128),
    );
    return { width: data.length / 3, height: 1, data: Uint8Array.from(data) };
  };
  return peakSignalToNoise(known(pictures), known(originals));
}
