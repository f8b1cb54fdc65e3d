/** Translates the provider's options to those of `generateStream`. */
import type { GenerateRequest } from '@transfusion/pipelines';
import type { TransfusionImageModelOptions } from '../provider-options.js';
import { randomSeed } from '../seeds.js';

/** Options of all kinds of requests. */
export type SharedRequest = Omit<GenerateRequest, 'prompt' | 'output'>;

/**
 * @param textModality name of the negative prompt's modality
 * @param seed by default random
 */
export function requestOptions(
  { imageGuidanceScale, negativePrompt, ...options }: TransfusionImageModelOptions,
  textModality: string,
  seed = randomSeed(),
): SharedRequest & { readonly seed: number } {
  return {
    ...options,
    spanGuidanceScale: imageGuidanceScale,
    // An empty one is none, as on the server.
    negativePrompt: negativePrompt ? [{ modality: textModality, value: negativePrompt }] : undefined,
    seed,
  };
}
