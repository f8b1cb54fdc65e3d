/** Checks of images in requests, from their headers alone: nothing is decoded here. */
import sharp, { type Metadata } from 'sharp';
import { invalidRequest } from '../openai/api-error.js';

/** Facts from an image's header. */
export interface ImageHeader {
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

/** First bytes of the formats that are read. Others, SVG among them, do not reach a decoder. */
const SIGNATURES: readonly { readonly mediaType: string; readonly pattern: RegExp }[] = [
  { mediaType: 'image/png', pattern: /^\x89PNG\r\n/ },
  { mediaType: 'image/jpeg', pattern: /^\xff\xd8\xff/ },
  { mediaType: 'image/webp', pattern: /^RIFF[^]{4}WEBP/ },
  { mediaType: 'image/gif', pattern: /^GIF8[79]a/ },
];

/**
 * Reads the header of an image file.
 *
 * @param param the field in messages
 * @throws ApiError 400 for another format, a damaged header, or more than `maxPixels`
 */
export async function readImageHeader(
  bytes: Uint8Array,
  param: string,
  maxPixels: number,
): Promise<ImageHeader> {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  const mediaType = SIGNATURES.find(({ pattern }) => pattern.test(start))?.mediaType;
  if (mediaType === undefined) {
    throw invalidRequest(
      `${param}: found a file of another format, expected PNG, JPEG, WebP or GIF. Convert the image.`,
      param,
    );
  }
  const { width, height, hasAlpha } = await metadata(bytes, param);
  if (width * height > maxPixels) {
    throw invalidRequest(
      `${param}: found an image of ${width}x${height} pixels, expected up to ${maxPixels} pixels. Make it smaller.`,
      param,
    );
  }
  return { mediaType, width, height, hasAlpha };
}

async function metadata(bytes: Uint8Array, param: string): Promise<Metadata> {
  try {
    // The limit is the caller's, so that the message names both numbers.
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch {
    throw invalidRequest(`${param}: found a damaged image file, expected one that can be decoded.`, param);
  }
}
