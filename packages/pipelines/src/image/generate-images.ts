import { tokenSamplingFields, type SpanSamplingOptions, type TokenSamplingOptions } from '@transfusion/core';
import type { RgbImage } from '@transfusion/modality-image';
import { encodeNegativePrompts } from '../encode-negative-prompts.js';
import { generateInBatches } from '../generate-in-batches.js';
import type { EncodedRequest } from '../generation-request.js';
import type { TrainedModel } from '../trained-model.js';
import { imageModalityName, promptSegments } from './prompt-segments.js';

/**
 * Options shared by the image pipelines. {@link TokenSamplingOptions} apply only to images generated as
 * discrete tokens.
 */
export interface GenerateImageOptions
  extends
    TokenSamplingOptions,
    Pick<SpanSamplingOptions, 'numInferenceSteps' | 'guidanceScale' | 'guidanceInterval' | 'scheduler'> {
  /** Random seed; image i uses `seed + i`. Defaults to 0. */
  readonly seed?: number;
  /** Text to guide away from; defaults to nothing. No effect with a guidance scale of 1. */
  readonly negativePrompt?: string;
}

/** The fields of {@link GenerateImageOptions}, each once. */
export const imageOptionFields: Readonly<Record<keyof GenerateImageOptions, true>> = {
  seed: true,
  negativePrompt: true,
  numInferenceSteps: true,
  guidanceScale: true,
  guidanceInterval: true,
  scheduler: true,
  ...tokenSamplingFields,
};

/** The part of a request that differs between images. */
export type ImageRequest = Pick<EncodedRequest, 'prompt' | 'latentShape' | 'latentShapeOf' | 'known'>;

/** Options of {@link generateImages}; `spanGuidanceScale` is guidance on the input image, for edits. */
type InternalOptions = GenerateImageOptions & Pick<EncodedRequest, 'spanGuidanceScale'>;

/** Generates one image per input, in order; `toRequests` converts the inputs of a batch. */
export async function generateImages<Input>(
  trained: TrainedModel,
  inputs: readonly Input[],
  toRequests: (inputs: readonly Input[], first: number) => Promise<readonly ImageRequest[]>,
  { seed = 0, negativePrompt: negativeText = '', ...options }: InternalOptions,
): Promise<RgbImage[]> {
  const { modalities } = trained.model;
  const output = imageModalityName(modalities);
  const [negativePrompt] = await encodeNegativePrompts(modalities, [
    { segments: promptSegments(modalities, negativeText) },
  ]);
  const encode = async (batch: readonly Input[], first: number): Promise<EncodedRequest[]> =>
    (await toRequests(batch, first)).map((request, i) => ({
      ...options,
      ...request,
      negativePrompt,
      output,
      seed: seed + first + i,
    }));
  const images: RgbImage[] = [];
  // A modality that accepts RGB images also decodes to them.
  for await (const image of generateInBatches(trained, inputs, encode)) images.push(image as RgbImage);
  return images;
}
