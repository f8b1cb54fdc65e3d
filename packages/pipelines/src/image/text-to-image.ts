import { checkFields } from '@transfusion/errors';
import { encodeDocuments, type Shape } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { checkIsArray } from '../check-is-array.js';
import type { TrainedModel } from '../trained-model.js';
import {
  generateImages,
  imageOptionFields,
  type GenerateImageOptions,
  type ImageRequest,
} from './generate-images.js';
import { promptSegments } from './prompt-segments.js';

/** Options of {@link textToImage}. */
export interface TextToImageOptions extends GenerateImageOptions {
  /** One of the latent shapes of the model's images; by default the model chooses. */
  readonly latentShape?: Shape;
}

/**
 * Generates an image from each prompt; an empty prompt generates unconditionally.
 *
 * @throws TransfusionError `not-found` if the model has no text or image modality, `invalid-argument` for
 *   options out of range
 */
export async function textToImage(
  trained: TrainedModel,
  prompts: readonly string[],
  textToImageOptions: TextToImageOptions = {},
): Promise<RgbImage[]> {
  checkIsArray('textToImage: prompts', prompts);
  checkFields('textToImage: options', textToImageOptions, { ...imageOptionFields, latentShape: true });
  const { latentShape, ...options } = textToImageOptions;
  const { modalities } = trained.model;
  const toRequests = async (batch: readonly string[], first: number): Promise<ImageRequest[]> => {
    const documents = batch.map((prompt) => ({ segments: promptSegments(modalities, prompt) }));
    return (await encodeDocuments(modalities, documents, first)).map((prompt) => ({ prompt, latentShape }));
  };
  return generateImages(trained, prompts, toRequests, options);
}
