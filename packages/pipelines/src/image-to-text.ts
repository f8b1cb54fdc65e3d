import type { GenerationRequest } from '@transfusion/core';
import type { RgbImage } from '@transfusion/modality-image';
import { generateValues } from './generate-values.js';
import { encodePrompt, type TrainedModel } from './trained-model.js';

/** How images are described. */
export interface ImageToTextOptions {
  /** How long a text may become, in tokens; 64 by default. */
  readonly maxTokens?: number;
  /** 0, the likeliest token, by default; 1 draws tokens as the model thinks they come. */
  readonly temperature?: number;
  /** Decides what is drawn with a temperature; further texts count up from it. 0 by default. */
  readonly seed?: number;
}

/**
 * Says what each image shows.
 *
 * @throws TransfusionError `not-found` if the model knows no texts or no images, `invalid-argument` for
 *   options out of range
 */
export async function imageToText(
  trained: TrainedModel,
  images: readonly RgbImage[],
  { maxTokens = 64, temperature = 0, seed = 0 }: ImageToTextOptions = {},
): Promise<string[]> {
  async function* requests(): AsyncGenerator<GenerationRequest> {
    for (const [i, image] of images.entries()) {
      yield {
        prompt: await encodePrompt(trained.model.modalities, [image]),
        seed: seed + i,
        maxTokens,
        minTokens: 1,
        maxSpans: 0,
        tokens: { temperature },
      };
    }
  }
  const texts: string[] = [];
  for await (const { text } of generateValues(trained, requests())) texts.push(text);
  return texts;
}
