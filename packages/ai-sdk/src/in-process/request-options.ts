/** Translates the provider's options to those of `generateStream`. */
import type { GenerateRequest } from '@transfusion/pipelines';
import type { TransfusionImageModelOptions } from '../provider-options.js';

/** Options of all kinds of requests. */
export type SharedRequest = Omit<GenerateRequest, 'prompt' | 'output'>;

/**
 * @param textModality name of the negative prompt's modality
 * @param seed by default random
 */
export function requestOptions(
  { imageGuidanceScale, negativePrompt, ...options }: TransfusionImageModelOptions,
  textModality: string,
  seed = Math.floor(Math.random() * 2 ** 31),
): SharedRequest & { readonly seed: number } {
  return {
    ...options,
    spanGuidanceScale: imageGuidanceScale,
    negativePrompt:
      negativePrompt === undefined ? undefined : [{ modality: textModality, value: negativePrompt }],
    seed,
  };
}
