/** Requests of `POST /v1/images/generations` and `POST /v1/images/edits`. */
import { z } from 'zod';
import type { InferenceRequest, PromptPart } from '../inference/model-host.js';
import {
  autoSizeField,
  countField,
  denoisingFields,
  imageGuidanceField,
  inferenceOptions,
  modelField,
  optional,
  samplingFields,
  withoutEffect,
} from './generation-fields.js';
import { inputFidelityField, outputImageFields } from './image-fields.js';

const commonFields = {
  model: modelField,
  prompt: z.string().describe('Text that describes the image, or the edit; may be empty.'),
  n: countField,
  size: autoSizeField,
  ...denoisingFields,
  ...samplingFields,
  stream: optional(z.boolean()).describe('Sends images as server-sent events, previews included.'),
  partial_images: optional(z.int().min(0).max(3)).describe(
    'Number of previews of each image while it is denoised, 0 (the default) to 3; only with `stream`.',
  ),
  response_format: optional(z.enum(['b64_json', 'url'])).describe(
    "Field of an image in the response. The server stores no files: with 'url', `url` is a data URI.",
  ),
  ...outputImageFields,
  style: withoutEffect(z.enum(['vivid', 'natural'])),
  user: withoutEffect(z.string()),
};

/** Body of a request for new images. */
export const imageGenerationRequest = z.strictObject(commonFields).meta({
  id: 'ImageGenerationRequest',
  examples: [{ prompt: 'red apple, noto', num_inference_steps: 25, guidance_scale: 3, seed: 1 }],
});

// Bytes have no JSON Schema of their own; `file()` describes them in the reference.
const file = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected a file')
  .meta({ type: 'string', format: 'binary' });

/** Form of a request for edits. */
export const imageEditRequest = z
  .strictObject({
    ...commonFields,
    image: z
      .union([file.transform((bytes): Uint8Array[] => [bytes]), z.array(file).min(1).max(16)])
      .describe('PNG, JPEG, WebP or GIF file to edit; up to 16 as `image[]`.'),
    mask: optional(file).describe(
      'PNG file of the size of the first image, whose transparent pixels are generated; the others stay.',
    ),
    image_guidance_scale: imageGuidanceField,
    input_fidelity: inputFidelityField,
  })
  .meta({ id: 'ImageEditRequest' });

/** Parsed body of a request for new images. */
export type ImageGenerationRequest = z.output<typeof imageGenerationRequest>;

/** Parsed form of a request for edits. */
export type ImageEditRequest = z.output<typeof imageEditRequest>;

/** Returns what to generate for a request; edited images are given as `files`. */
export function imageInferenceRequest(
  request: ImageGenerationRequest & Partial<Pick<ImageEditRequest, 'mask' | 'image_guidance_scale'>>,
  files: readonly PromptPart[],
  seeds: readonly number[],
): InferenceRequest {
  const { prompt, negative_prompt, size, mask, stream, partial_images } = request;
  return {
    // An instruction follows what it is about, as in the documents that models are trained on.
    prompt: [...files, ...(prompt === '' ? [] : [{ type: 'text', text: prompt } as const])],
    output: 'image',
    ...(negative_prompt !== undefined && { negativePrompt: negative_prompt }),
    ...(size !== undefined && { size }),
    ...(mask !== undefined ? { mask } : files.length > 0 && { keepsSizeOf: 0 }),
    ...(stream && { numPreviews: partial_images ?? 0 }),
    seeds,
    options: inferenceOptions(request),
  };
}
