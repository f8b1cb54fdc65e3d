/** Responses of `GET /v1/models` and `GET /v1/models/:id`. */
import { z } from 'zod';
import type { DenoisingInfo, ModelHost } from '../inference/model-host.js';

const denoising = z.object({
  scheduler: z.string().describe('Sampler.'),
  schedulers: z.array(z.string()).describe('Samplers that fit the model.'),
  num_inference_steps: z.int(),
  guidance_scale: z.number(),
  noise_schedule: z
    .array(z.tuple([z.number(), z.number()]))
    .describe(
      'Timesteps of an image that is denoised with these values, and the scale of the noise at each.',
    ),
});

/** Description of a model. */
export const modelResponse = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    modalities: z
      .array(z.enum(['text', 'image', 'audio']))
      .optional()
      .describe('Kinds of media that the model reads and generates; missing until it is loaded.'),
    image_sizes: z.array(z.string()).optional().describe('Sizes of images that the model generates.'),
    denoising: denoising
      .optional()
      .describe(
        'Values of requests that leave them out; missing for a model without images or other latents.',
      ),
    export_path: z
      .string()
      .optional()
      .describe(
        'Folder below the server’s address with the model’s export, which `@transfusion/web` runs in browsers; missing if the ' +
          'server keeps its weights to itself.',
      ),
  })
  .meta({ id: 'Model' });

/** Description of all models. */
export const modelListResponse = z
  .object({ object: z.literal('list'), data: z.array(modelResponse) })
  .meta({ id: 'ModelList' });

/**
 * Returns the description of a model.
 *
 * @param created time in seconds since when it is served
 * @param isExported true if browsers may run it
 */
export function modelBody(
  { name, info }: ModelHost,
  created: number,
  isExported: boolean,
): z.infer<typeof modelResponse> {
  return {
    id: name,
    object: 'model',
    created,
    owned_by: 'transfusion',
    ...(info !== undefined && {
      modalities: [...info.mediaTypes],
      image_sizes: info.imageSizes.map(([width, height]) => `${width}x${height}`),
      ...(info.denoising !== undefined && { denoising: denoisingBody(info.denoising) }),
    }),
    ...(isExported && { export_path: `v1/models/${encodeURIComponent(name)}/export/` }),
  };
}

function denoisingBody(info: DenoisingInfo): z.infer<typeof denoising> {
  return {
    scheduler: info.scheduler,
    schedulers: [...info.schedulers],
    num_inference_steps: info.numInferenceSteps,
    guidance_scale: info.guidanceScale,
    noise_schedule: info.noiseSchedule.map(([timestep, sigma]) => [timestep, sigma]),
  };
}
