import { tokenSamplingFields, type TokenSamplingOptions } from '@transfusion/core';
import { checkFields } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import { checkIsArray } from '../check-is-array.js';
import { generateEach, type GenerateRequest } from '../generate.js';
import type { TrainedModel } from '../trained-model.js';
import { promptSegments, textModalityName } from './prompt-segments.js';

/** Options of {@link imageToText}; the temperature defaults to 0 (greedy). */
export interface ImageToTextOptions extends TokenSamplingOptions {
  /** Maximum number of tokens per caption; defaults to 64. */
  readonly maxTokens?: number;
  /** Ends a caption before the first of these strings. */
  readonly stop?: readonly string[];
  /** Random seed; caption i uses `seed + i`. Defaults to 0; no effect at temperature 0. */
  readonly seed?: number;
}

const fields: Readonly<Record<keyof ImageToTextOptions, true>> = {
  maxTokens: true,
  stop: true,
  seed: true,
  ...tokenSamplingFields,
};

/**
 * Captions each image.
 *
 * @throws TransfusionError `not-found` if the model has no text or image modality, `invalid-argument` for
 *   options out of range
 */
export async function imageToText(
  trained: TrainedModel,
  images: readonly RgbImage[],
  options: ImageToTextOptions = {},
): Promise<string[]> {
  checkIsArray('imageToText: images', images);
  checkFields('imageToText: options', options, fields);
  const { maxTokens = 64, temperature = 0, seed = 0 } = options;
  const { modalities } = trained.model;
  const output = textModalityName(modalities);
  const requests = images.map((image, i): GenerateRequest => ({
    ...options,
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
