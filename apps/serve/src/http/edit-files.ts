/** Files of a request for edits. */
import type { PromptPart } from '../inference/model-host.js';
import { invalidRequest } from '../openai/api-error.js';
import type { ImageEditRequest } from '../openai/image-request.js';
import { imageHeaderReader, type ImageHeader } from './input-image.js';
import type { Limits } from './server-options.js';

/**
 * Returns the images of a request as parts of the prompt. A mask belongs to the first image, as in OpenAI's API, which is
 * then the last part, as models have it.
 *
 * @throws ApiError 400 for images that are damaged, too large or of another format, and for a mask that does not fit
 */
export async function editFiles(
  { image: images, mask }: Pick<ImageEditRequest, 'image' | 'mask'>,
  limits: Limits,
): Promise<PromptPart[]> {
  const readHeader = imageHeaderReader(limits.maxPixels);
  const headers: ImageHeader[] = [];
  for (const [index, bytes] of images.entries()) {
    headers.push(await readHeader(bytes, images.length > 1 ? `image[${index}]` : 'image'));
  }
  const parts = images.map((bytes, index): PromptPart => ({
    type: 'file',
    mediaType: headers[index].mediaType,
    bytes,
  }));
  if (mask === undefined) return parts;
  const header = await readHeader(mask, 'mask');
  if (header.mediaType !== 'image/png' || !header.hasAlpha) {
    throw invalidRequest(
      'mask: found an image without transparency, expected a PNG file whose transparent pixels are to be generated.',
      'mask',
    );
  }
  const [{ width, height }] = headers;
  if (header.width !== width || header.height !== height) {
    throw invalidRequest(
      `mask: found ${header.width}x${header.height} pixels, expected ${width}x${height}, the size of the image. Scale the mask.`,
      'mask',
    );
  }
  const [first, ...others] = parts;
  return [...others, first];
}
