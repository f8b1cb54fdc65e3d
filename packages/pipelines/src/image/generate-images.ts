import type { TokenSamplingOptions } from '@transfusion/core';
import type { RgbImage } from '@transfusion/modality-image';
import { generateEncoded } from '../generate-encoded.js';
import type { EncodedRequest } from '../generation-request.js';
import type { TrainedModel } from '../trained-model.js';
import { imageModalityName } from './prompt-segments.js';

/** Options of what generates images; those of {@link TokenSamplingOptions} are for images of tokens. */
export interface GenerateImageOptions extends TokenSamplingOptions {
  /** Decides all that is random; further images count up from it. Defaults to 0. */
  readonly seed?: number;
  /** Steps from noise to image; defaults to 50. */
  readonly numInferenceSteps?: number;
  /** How strictly to follow the text (classifier-free guidance); 1 is none, defaults to 3. */
  readonly guidanceScale?: number;
}

/** What one image is generated from. */
export type ImageRequest = Pick<EncodedRequest, 'prompt' | 'latentShape' | 'known'>;

/** Generates an image from each input, in their order; an input becomes a request when its batch is due. */
export async function generateImages<Input>(
  trained: TrainedModel,
  inputs: readonly Input[],
  toRequest: (input: Input) => Promise<ImageRequest>,
  { seed = 0, ...options }: GenerateImageOptions & Pick<EncodedRequest, 'spanGuidanceScale'>,
): Promise<RgbImage[]> {
  const output = imageModalityName(trained.model.modalities);
  async function* requests(): AsyncGenerator<EncodedRequest> {
    for (const [i, input] of inputs.entries()) {
      yield { ...options, ...(await toRequest(input)), output, seed: seed + i };
    }
  }
  const images: RgbImage[] = [];
  for await (const image of generateEncoded(trained, requests())) images.push(image as RgbImage);
  return images;
}
