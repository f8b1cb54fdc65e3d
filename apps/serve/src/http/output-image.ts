/** Images of responses, in the format that the client asks for. */
import sharp from 'sharp';
import type { EncodedImage } from '../openai/image-response.js';
import type { InlineFile } from '../openai/data-uri.js';

/**
 * Returns an image in a format; one that has it is left as it is.
 *
 * @param quality of WebP and JPEG, 0 to 100; of no effect on PNG
 */
export async function encodeImage(
  file: InlineFile,
  format: EncodedImage['format'],
  quality: number,
): Promise<EncodedImage> {
  if (file.mediaType === `image/${format}`) {
    const { width, height } = await sharp(file.bytes).metadata();
    return { bytes: file.bytes, format, width, height };
  }
  // The lowest quality of encoders is 1.
  const options = format === 'png' ? {} : { quality: Math.max(1, quality) };
  const { data, info } = await sharp(file.bytes)
    .toFormat(format, options)
    .toBuffer({ resolveWithObject: true });
  return { bytes: data, format, width: info.width, height: info.height };
}
