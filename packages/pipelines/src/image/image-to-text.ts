import type { RgbImage } from '@transfusion/modality-image';
import { generateEach, type GenerateRequest } from '../generate.js';
import type { TrainedModel } from '../trained-model.js';
import { promptSegments, textModalityName } from './prompt-segments.js';

/** Options of {@link imageToText}. */
export interface ImageToTextOptions {
  /** Most tokens of a text; defaults to 64. */
  readonly maxTokens?: number;
  /** Defaults to 0, which takes the likeliest token; 1 samples from the model's distribution. */
  readonly temperature?: number;
  /** Decides what is sampled at a temperature; further texts count up from it. Defaults to 0. */
  readonly seed?: number;
}

/**
 * Captions each image.
 *
 * @throws TransfusionError `not-found` if the model has no modality of texts or of images, `invalid-argument`
 *   for options out of range
 */
export async function imageToText(
  trained: TrainedModel,
  images: readonly RgbImage[],
  { maxTokens = 64, temperature = 0, seed = 0 }: ImageToTextOptions = {},
): Promise<string[]> {
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
  const texts: string[] = [];
  for await (const text of generateEach(trained, requests)) texts.push(text as string);
  return texts;
}
