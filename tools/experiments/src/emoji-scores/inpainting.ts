/** Images half of which is to be drawn anew. */
import { invariant } from '@transfusion/errors';
import { peakSignalToNoise } from '@transfusion/evaluators';
import { encodeDocument } from '@transfusion/modality';
import { fillMasked, latentMask, type PixelMask, type RgbImage } from '@transfusion/modality-image';
import { generateEach, type GenerateRequest, type TrainedModel } from '@transfusion/pipelines';
import type { LabeledImage } from '../emoji-set.js';
import type { DrawingSettings } from './drawing-settings.js';

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

/**
 * The images with the masks' pixels drawn anew, for their captions. The rest is as the model's codec has it:
 * unlike `inpaintImage`, it does not put back what was known, which is to be measured.
 */
export async function inpaint(
  trained: TrainedModel,
  images: readonly LabeledImage[],
  masks: readonly PixelMask[],
  { seed, ...spans }: DrawingSettings,
): Promise<RgbImage[]> {
  const { modalities } = trained.model;
  async function* requests(): AsyncGenerator<GenerateRequest> {
    for (const [i, { image, caption }] of images.entries()) {
      const segments = [{ modality: 'image', value: fillMasked(image, masks[i]) }];
      const [encoded] = await encodeDocument(modalities, { segments });
      invariant('latent' in encoded, () => 'images have no latents');
      const { latent } = encoded;
      const known = { latent, mask: latentMask(masks[i], latent.shape), resample: RESAMPLE };
      const prompt = [{ modality: 'text', value: caption }];
      yield { ...spans, prompt, output: 'image', known, seed: seed + i };
    }
  }
  const inpainted: RgbImage[] = [];
  for await (const image of generateEach(trained, requests())) inpainted.push(image as RgbImage);
  return inpainted;
}

/** The peak signal-to-noise ratio, in decibels, of all pixels together that the masks leave as they are. */
export function knownPixelsPsnr(
  images: readonly RgbImage[],
  originals: readonly RgbImage[],
  masks: readonly PixelMask[],
): number {
  const known = (images: readonly RgbImage[]): RgbImage => {
    const data = images.flatMap(({ data }, i) =>
      [...data].filter((_, place) => masks[i].data[Math.floor(place / 3)] < 128),
    );
    return { width: data.length / 3, height: 1, data: Uint8Array.from(data) };
  };
  return peakSignalToNoise(known(images), known(originals));
}
