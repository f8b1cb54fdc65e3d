import type { Shape } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { drawEach, type DrawingOptions } from './drawing-options.js';
import { encodePrompt, modalityOfImages, type TrainedModel } from './trained-model.js';

/** Options of {@link textToImage}. */
export interface TextToImageOptions extends DrawingOptions {
  /** One of the latent shapes of the model's images; the model chooses by default. */
  readonly latentShape?: Shape;
}

/**
 * Draws an image of each text. An empty text draws anything.
 *
 * @throws TransfusionError `not-found` if the model knows no texts or no images, `invalid-argument` for
 *   options out of range
 */
export async function textToImage(
  trained: TrainedModel,
  texts: readonly string[],
  { latentShape, ...options }: TextToImageOptions = {},
): Promise<RgbImage[]> {
  const { modalities } = trained.model;
  const begin = { modality: modalityOfImages(modalities).name, latentShape };
  const prompts = texts.map((text) => encodePrompt(modalities, text === '' ? [] : [text]));
  return drawEach(
    trained,
    (await Promise.all(prompts)).map((prompt) => ({ prompt, begin })),
    options,
  );
}
