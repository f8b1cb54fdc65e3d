import type { RgbImage } from '@transfusion/modality-image';
import { drawEach, type Drawing, type DrawingOptions, type ImageGuidance } from './drawing-options.js';
import { encodePrompt, modalityOfImages, type TrainedModel } from './trained-model.js';

/** An image, and what is to become of it. */
export interface ImageEdit {
  readonly image: RgbImage;
  /** `draw this in the noto style` */
  readonly instruction: string;
}

/** Options of {@link editImage}. */
export type EditImageOptions = DrawingOptions & ImageGuidance;

/**
 * Changes images as instructions say, each in its own shape. The model must have been trained on edits.
 *
 * @throws TransfusionError `not-found` if the model knows no texts or no images, `invalid-argument` for
 *   options out of range
 */
export async function editImage(
  trained: TrainedModel,
  edits: readonly ImageEdit[],
  options: EditImageOptions = {},
): Promise<RgbImage[]> {
  const { modalities } = trained.model;
  const modality = modalityOfImages(modalities).name;
  const drawings = edits.map(async ({ image, instruction }): Promise<Drawing> => {
    const prompt = await encodePrompt(modalities, [image, instruction]);
    const latentShape = 'latent' in prompt[0] ? prompt[0].latent.shape : undefined;
    return { prompt, begin: { modality, latentShape } };
  });
  return drawEach(trained, await Promise.all(drawings), options);
}
