/** Inpainting of half of an image. */
import { invariant } from '@transfusion/errors';
import { peakSignalToNoise } from '@transfusion/evaluators';
import { encodeDocument } from '@transfusion/modality';
import { fillMasked, latentMask, type PixelMask, type RgbImage } from '@transfusion/modality-image';
import { generateEach, type GenerateRequest, type TrainedModel } from '@transfusion/pipelines';
import type { LabeledImage } from '../emoji-set.js';
import type { GenerationSettings } from './generation-settings.js';

/** RePaint resampling, so that the generated half fits the known one. */
const NUM_RESAMPLES = 2;

/** Returns a mask over the left, the top, the right or the bottom half, by number. */
export function halfMask(side: number, number: number): PixelMask {
  const isMasked = [
    (x: number): boolean => x < side / 2,
    (_: number, y: number): boolean => y < side / 2,
    (x: number): boolean => x >= side / 2,
    (_: number, y: number): boolean => y >= side / 2,
  ][number % 4];
  const data = Uint8Array.from({ length: side * side }, (_, i) =>
    isMasked(i % side, Math.floor(i / side)) ? 255 : 0,
  );
  return { width: side, height: side, data };
}

/**
 * Inpaints the masked pixels, with the captions as prompts. The rest is as the model's codec decodes it: unlike
 * `inpaintImage`, this does not restore the known pixels, whose error is to be measured.
 */
export async function inpaint(
  trained: TrainedModel,
  images: readonly LabeledImage[],
  masks: readonly PixelMask[],
  { seed, ...spans }: GenerationSettings,
): Promise<RgbImage[]> {
  const { modalities } = trained.model;
  async function* requests(): AsyncGenerator<GenerateRequest> {
    for (const [i, { image, caption }] of images.entries()) {
      const segments = [{ modality: 'image', value: fillMasked(image, masks[i]) }];
      const [encoded] = await encodeDocument(modalities, { segments });
      invariant('latent' in encoded, () => 'images have no latents');
      const { latent } = encoded;
      const knownMask = latentMask(masks[i], latent.shape);
      const known = { latent, knownMask, numResamples: NUM_RESAMPLES };
      const prompt = [{ modality: 'text', value: caption }];
      yield { ...spans, prompt, output: 'image', known, seed: seed + i };
    }
  }
  const inpainted: RgbImage[] = [];
  for await (const image of generateEach(trained, requests())) inpainted.push(image as RgbImage);
  return inpainted;
}

/** Returns the peak signal-to-noise ratio, in decibels, over all unmasked pixels. */
export function knownPixelsPsnr(
  images: readonly RgbImage[],
  originals: readonly RgbImage[],
  masks: readonly PixelMask[],
): number {
  const known = (images: readonly RgbImage[]): RgbImage => {
    const data = images.flatMap(({ data }, i) =>
      [...data].filter((_, k) => masks[i].data[Math.floor(k / 3)] < 128),
    );
    return { width: data.length / 3, height: 1, data: Uint8Array.from(data) };
  };
  return peakSignalToNoise(known(images), known(originals));
}
