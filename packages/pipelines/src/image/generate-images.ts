import type { TokenSamplingOptions } from '@transfusion/core';
import type { RgbImage } from '@transfusion/modality-image';
import { generateInBatches } from '../generate-in-batches.js';
import type { EncodedRequest } from '../generation-request.js';
import type { TrainedModel } from '../trained-model.js';
import { imageModalityName } from './prompt-segments.js';

/**
 * Options shared by the image pipelines. {@link TokenSamplingOptions} apply only to images generated as
 * discrete tokens.
 */
export interface GenerateImageOptions extends TokenSamplingOptions {
  /** Random seed; image i uses `seed + i`. Defaults to 0. */
  readonly seed?: number;
  /** Number of denoising steps; defaults to 50. */
  readonly numInferenceSteps?: number;
  /** Scale of classifier-free guidance; 1 disables it. Defaults to 3. */
  readonly guidanceScale?: number;
}

/** The part of a request that differs between images. */
export type ImageRequest = Pick<EncodedRequest, 'prompt' | 'latentShape' | 'known'>;

/** Options of {@link generateImages}; `spanGuidanceScale` is guidance on the input image, for edits. */
type InternalOptions = GenerateImageOptions & Pick<EncodedRequest, 'spanGuidanceScale'>;

/** Generates one image per input, in order; `toRequests` converts the inputs of a batch. */
export async function generateImages<Input>(
  trained: TrainedModel,
  inputs: readonly Input[],
  toRequests: (inputs: readonly Input[], first: number) => Promise<readonly ImageRequest[]>,
  { seed = 0, ...options }: InternalOptions,
): Promise<RgbImage[]> {
  const output = imageModalityName(trained.model.modalities);
  const encode = async (batch: readonly Input[], first: number): Promise<EncodedRequest[]> =>
    (await toRequests(batch, first)).map((request, i) => ({
      ...options,
      ...request,
      output,
      seed: seed + first + i,
    }));
  const images: RgbImage[] = [];
  // A modality that accepts RGB images also decodes to them.
  for await (const image of generateInBatches(trained, inputs, encode)) images.push(image as RgbImage);
  return images;
}
