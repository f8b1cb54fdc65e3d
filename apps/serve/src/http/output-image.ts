/** Images of responses, in the format that the client asks for. */
import sharp from 'sharp';
import type { EncodedImage } from '../openai/image-response.js';
import type { InlineFile } from '../openai/data-uri.js';

/**
 * Returns an image in a format; one that has it is left as it is.
 *
 * @param quality of WebP and JPEG, 0 to 100; of no effect on PNG
 */
export async function inFormat(
  { mediaType, bytes }: InlineFile,
  format: EncodedImage['format'],
  quality: number,
): Promise<InlineFile> {
  if (mediaType === `image/${format}`) return { mediaType, bytes };
  // The lowest quality of encoders is 1.
  const options = format === 'png' ? {} : { quality: Math.max(1, quality) };
  return { mediaType: `image/${format}`, bytes: await sharp(bytes).toFormat(format, options).toBuffer() };
}

/** Returns an image in a format, as {@link inFormat}, with its size. */
export async function encodeImage(
  file: InlineFile,
  format: EncodedImage['format'],
  quality: number,
): Promise<EncodedImage> {
  const { bytes } = await inFormat(file, format, quality);
  const { width, height } = await sharp(bytes).metadata();
  return { bytes, format, width, height };
}
