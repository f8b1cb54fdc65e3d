/** Responses about images, whole or as server-sent events. */
import { z } from 'zod';
import type { InferenceUsage } from '../inference/model-host.js';
import { encodeBase64, encodeDataUri } from './data-uri.js';
import { outputFormat } from './image-fields.js';
import { mediaUsage, toMediaUsage, totalUsage } from './usage.js';

const description = {
  size: z.string().describe('WIDTHxHEIGHT'),
  quality: z.literal('auto'),
  background: z.literal('opaque'),
  output_format: outputFormat,
};

/** Body of the response. */
export const imagesResponse = z
  .object({
    created: z.int(),
    ...description,
    data: z.array(z.object({ b64_json: z.string().optional(), url: z.string().optional() })),
    usage: mediaUsage,
  })
  .meta({ id: 'ImagesResponse' });

const eventFields = {
  b64_json: z.string(),
  created_at: z.int(),
  ...description,
  image_index: z.int().optional().describe('Index of the image from 0; only if several are generated.'),
};

/** One of the server-sent events of a streamed response. */
export const imageEvent = z
  .union([
    z.object({
      type: z.enum(['image_generation.partial_image', 'image_edit.partial_image']),
      partial_image_index: z.int(),
      ...eventFields,
    }),
    z.object({
      type: z.enum(['image_generation.completed', 'image_edit.completed']),
      ...eventFields,
      usage: mediaUsage,
    }),
  ])
  .meta({ id: 'ImageStreamEvent' });

/** An image in the format of the response. */
export interface EncodedImage {
  readonly bytes: Uint8Array;
  readonly format: z.infer<typeof outputFormat>;
  readonly width: number;
  readonly height: number;
}

/** Returns the response for all images of a request. */
export function imagesBody(
  created: number,
  images: readonly EncodedImage[],
  usages: readonly InferenceUsage[],
  responseFormat: 'b64_json' | 'url' = 'b64_json',
): z.infer<typeof imagesResponse> {
  return {
    created,
    ...describe(images[0]),
    data: images.map((image) =>
      responseFormat === 'url'
        ? { url: encodeDataUri({ mediaType: `image/${image.format}`, bytes: image.bytes }) }
        : { b64_json: encodeBase64(image.bytes) },
    ),
    usage: toMediaUsage(totalUsage(usages)),
  };
}

/** The fields that all events about an image share. */
export interface ImageEventHeader {
  readonly action: 'image_generation' | 'image_edit';
  readonly created: number;
  /** Undefined if the request is for one image. */
  readonly imageIndex: number | undefined;
}

/** Returns the event for a preview. */
export function partialImageEvent(
  header: ImageEventHeader,
  image: EncodedImage,
  index: number,
): z.infer<typeof imageEvent> {
  return {
    type: `${header.action}.partial_image`,
    partial_image_index: index,
    ...eventBody(header, image),
  };
}

/** Returns the event for a finished image. */
export function completedImageEvent(
  header: ImageEventHeader,
  image: EncodedImage,
  usage: InferenceUsage,
): z.infer<typeof imageEvent> {
  return { type: `${header.action}.completed`, ...eventBody(header, image), usage: toMediaUsage(usage) };
}

function eventBody({ created, imageIndex }: ImageEventHeader, image: EncodedImage) {
  return {
    b64_json: encodeBase64(image.bytes),
    created_at: created,
    ...describe(image),
    ...(imageIndex !== undefined && { image_index: imageIndex }),
  };
}

function describe({ width, height, format }: EncodedImage) {
  return {
    size: `${width}x${height}`,
    quality: 'auto' as const,
    background: 'opaque' as const,
    output_format: format,
  };
}
