import { checkFields } from '@transfusion/errors';
import { encodeDocuments } from '@transfusion/modality';
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

/** An image and an edit instruction. */
export interface ImageEdit {
  readonly image: RgbImage;
  /** For example `draw this in the noto style`. */
  readonly instruction: string;
}

/** Options of {@link editImage}. */
export interface EditImageOptions extends GenerateImageOptions {
  /**
   * Guidance scale of the input image (InstructPix2Pix, Brooks et al. 2023, equation 3); defaults to
   * `guidanceScale`.
   */
  readonly imageGuidanceScale?: number;
}

/**
 * Edits each image as its instruction says; the result keeps the image's latent shape. The model must have
 * been trained on edits.
 *
 * @throws TransfusionError `not-found` if the model has no text or image modality, `invalid-argument` for
 *   options out of range
 */
export async function editImage(
  trained: TrainedModel,
  edits: readonly ImageEdit[],
  editOptions: EditImageOptions = {},
): Promise<RgbImage[]> {
  checkIsArray('editImage: edits', edits);
  checkFields('editImage: options', editOptions, { ...imageOptionFields, imageGuidanceScale: true });
  const { imageGuidanceScale, ...options } = editOptions;
  const { modalities } = trained.model;
  const toRequests = async (batch: readonly ImageEdit[], first: number): Promise<ImageRequest[]> => {
    const documents = batch.map(({ image, instruction }) => ({
      segments: promptSegments(modalities, image, instruction),
    }));
    // The image is the first segment.
    return (await encodeDocuments(modalities, documents, first)).map((prompt) => ({
      prompt,
      latentShapeOf: 0,
    }));
  };
  return generateImages(trained, edits, toRequests, { ...options, spanGuidanceScale: imageGuidanceScale });
}
