import type { RgbImage } from '@transfusion/modality-image';
import { checkIsArray } from '../check-is-array.js';
import { generateEach, type GenerateRequest } from '../generate.js';
import type { TrainedModel } from '../trained-model.js';
import { promptSegments, textModalityName } from './prompt-segments.js';

/** Options of {@link imageToText}. */
export interface ImageToTextOptions {
  /** Maximum number of tokens per caption; defaults to 64. */
  readonly maxTokens?: number;
  /** Softmax temperature: 0 is greedy, 1 samples from the model's distribution. Defaults to 0. */
  readonly temperature?: number;
  /** Random seed; caption i uses `seed + i`. Defaults to 0; no effect at temperature 0. */
  readonly seed?: number;
}

/**
 * Captions each image.
 *
 * @throws TransfusionError `not-found` if the model has no text or image modality, `invalid-argument` for
 *   options out of range
 */
export async function imageToText(
  trained: TrainedModel,
  images: readonly RgbImage[],
  { maxTokens = 64, temperature = 0, seed = 0 }: ImageToTextOptions = {},
): Promise<string[]> {
  checkIsArray('imageToText: images', images);
  const { modalities } = trained.model;
  const output = textModalityName(modalities);
  const requests = images.map((image, i): GenerateRequest => ({
    prompt: promptSegments(modalities, image),
    output,
    seed: seed + i,
    minTokens: 1,
    maxTokens,
    temperature,
  }));
  const captions: string[] = [];
  for await (const caption of generateEach(trained, requests)) captions.push(caption as string);
  return captions;
}
