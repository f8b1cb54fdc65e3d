/** Files of a request for edits. */
import type { PromptPart } from '../inference/model-host.js';
import type { ImageEditRequest } from '../openai/image-request.js';
import { checkMask, imageHeaderReader, type ImageHeader } from './input-image.js';
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
  checkMask(await readHeader(mask, 'mask'), headers[0], 'mask');
  const [first, ...others] = parts;
  return [...others, first];
}
