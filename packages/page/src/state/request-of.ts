/** Requests from settings and images. */
import type { GenerationRequest } from '../api/backend.js';
import { dataUriOf } from '../api/base64.js';
import { maskPixels, type MaskBitmap } from '../mask/mask-bitmap.js';
import type { Attachment } from './attachments.js';
import { model } from './connection.js';
import { pngOfPixels } from './image-file.js';
import type { Settings } from './settings.js';

const MAX_PREVIEWS = 50;

/** Returns the request for settings with a seed, and the images of its prompt. */
export async function requestOf(
  settings: Settings & { readonly seed: number },
  attached: readonly Attachment[],
): Promise<GenerationRequest> {
  const { mode, prompt, seed, negativePrompt, steps } = settings;
  const images = await Promise.all(attached.map(async ({ file }) => ({ dataUri: await dataUriOf(file) })));
  const mask = mode === 'image' ? attached.at(-1)?.mask : undefined;
  const numSteps = steps ?? model.value?.denoising?.numInferenceSteps ?? MAX_PREVIEWS;
  return {
    model: settings.model ?? model.value?.name,
    mode,
    prompt,
    images,
    mask: mask && (await dataUriOf(await maskFile(mask))),
    negativePrompt: negativePrompt || undefined,
    seed,
    numInferenceSteps: steps,
    guidanceScale: settings.guidance,
    imageGuidanceScale: images.length > 0 ? settings.imageGuidance : undefined,
    scheduler: settings.sampler,
    // An edit keeps the size of its image.
    size: images.length > 0 ? undefined : settings.size,
    temperature: settings.temperature,
    maxTokens: settings.maxTokens,
    maxImages: settings.maxImages,
    numPreviews: Math.max(0, Math.min(MAX_PREVIEWS, numSteps - 1)),
  };
}

/** Returns a PNG whose transparent pixels are to be generated. */
function maskFile(mask: MaskBitmap): Promise<Blob> {
  return pngOfPixels(mask.width, mask.height, maskPixels(mask));
}
