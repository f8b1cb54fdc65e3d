/** Checks of images in requests, from their headers alone: nothing is decoded here. */
import sharp, { type Metadata } from 'sharp';
import { invalidRequest } from '../openai/api-error.js';

/** Facts from an image's header. */
export interface ImageHeader {
  readonly mediaType: string;
  /** As the image is shown: its EXIF orientation may exchange width and height. */
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

/** Reads the header of an image file; `param` is the field in messages. */
export type ReadImageHeader = (bytes: Uint8Array, param: string) => Promise<ImageHeader>;

/**
 * Returns a function that reads the headers of a request's images.
 *
 * @param maxPixels maximum number of pixels of all of them together
 * @returns a function that throws ApiError 400 for another format, a damaged header, or too many pixels
 */
export function imageHeaderReader(maxPixels: number): ReadImageHeader {
  let numPixels = 0;
  return async (bytes, param) => {
    const header = await readImageHeader(bytes, param);
    const { width, height } = header;
    numPixels += width * height;
    if (numPixels <= maxPixels) return header;
    throw invalidRequest(
      `${param}: found an image of ${width}x${height} pixels, ${numPixels} with the images before it, expected up to ` +
        `${maxPixels} pixels in a request. Send fewer or smaller images.`,
      param,
    );
  };
}

async function readImageHeader(bytes: Uint8Array, param: string): Promise<ImageHeader> {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  const mediaType = SIGNATURES.find(({ pattern }) => pattern.test(start))?.mediaType;
  if (mediaType === undefined) {
    throw invalidRequest(
      `${param}: found a file of another format, expected PNG, JPEG, WebP or GIF. Convert the image.`,
      param,
    );
  }
  const { autoOrient, hasAlpha } = await metadata(bytes, param);
  return { mediaType, ...autoOrient, hasAlpha };
}

async function metadata(bytes: Uint8Array, param: string): Promise<Metadata> {
  try {
    // The limit is the caller's, so that the message names both numbers.
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch {
    throw invalidRequest(`${param}: found a damaged image file, expected one that can be decoded.`, param);
  }
}

/** @throws ApiError 400 for a mask without transparency, and for one that is not of its image's size */
export function checkMask(mask: ImageHeader, image: ImageHeader | undefined, param: string): void {
  if (mask.mediaType !== 'image/png' || !mask.hasAlpha) {
    throw invalidRequest(
      `${param}: found an image without transparency, expected a PNG file whose transparent pixels are to be generated.`,
      param,
    );
  }
  if (image === undefined) {
    throw invalidRequest(
      `${param}: found a mask without an image. Send the image that it belongs to.`,
      param,
    );
  }
  const [found, expected] = [mask, image].map(({ width, height }) => `${width}x${height}`);
  if (found === expected) return;
  throw invalidRequest(
    `${param}: found ${found} pixels, expected ${expected}, the size of the image. Scale the mask.`,
    param,
  );
}
