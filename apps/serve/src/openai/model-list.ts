/** Responses of `GET /v1/models` and `GET /v1/models/:id`. */
import { z } from 'zod';
import type { ModelHost } from '../inference/model-host.js';

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
  })
  .meta({ id: 'Model' });

/** Description of all models. */
export const modelListResponse = z
  .object({ object: z.literal('list'), data: z.array(modelResponse) })
  .meta({ id: 'ModelList' });

/** Returns the description of a model; `created` is the time in seconds since when it is served. */
export function modelBody({ name, info }: ModelHost, created: number): z.infer<typeof modelResponse> {
  return {
    id: name,
    object: 'model',
    created,
    owned_by: 'transfusion',
    ...(info !== undefined && {
      modalities: [...info.mediaTypes],
      image_sizes: info.imageSizes.map(([width, height]) => `${width}x${height}`),
    }),
  };
}
