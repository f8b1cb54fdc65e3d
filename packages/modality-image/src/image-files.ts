/** Reads and writes image files, with sharp (libvips). */
import { readFile, writeFile } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import sharp, { type Sharp } from 'sharp';
import type { RgbImage } from './rgb-image.js';
import { drawInProcess, type DrawnSvg, isPlainSvg, isSvg } from './svg-process.js';

/** Options of {@link decodeImage}. */
export interface DecodeImageOptions {
  /** Shrinks larger images while reading them, so that the shorter side has this many pixels. */
  readonly minSide?: number;
  /** Background color for transparent pixels; defaults to white. */
  readonly background?: string;
  /** Maximum number of pixels (width · height), checked before decoding; defaults to 100 million. */
  readonly maxPixels?: number;
  /** Maximum CPU time to render an SVG, in seconds; defaults to 4. */
  readonly maxSeconds?: number;
}

/** Default of `maxPixels`. */
const MAX_PIXELS = 100_000_000;

/** Larger SVGs are rendered in a separate process that can be stopped, even if they are plain. */
const MAX_PLAIN_PIXELS = 1_000_000;

/**
 * Decodes PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG. Converts any color space and depth to 8-bit sRGB, applies the EXIF
 * orientation, blends transparency with the background, and takes the first frame of an animation.
 *
 * @throws TransfusionError `invalid-record` if the bytes are not a complete image, the image is too large, or an SVG takes
 *   too long to render; `invalid-argument` for invalid options
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeImageOptions = {}): Promise<RgbImage> {
  if (bytes.length === 0) throw unreadable('the file is empty');
  const image = startDecoding(bytes, options);
  try {
    const { data, info } = (await isCostly(bytes, options))
      ? await drawSvg(bytes, options)
      : await image.toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: plainBytes(data) };
  } catch (cause) {
    if (TransfusionError.isInstance(cause)) throw cause;
    throw unreadable((cause as Error).message, cause);
  }
}

async function isCostly(bytes: Uint8Array, { maxPixels = MAX_PIXELS }: DecodeImageOptions): Promise<boolean> {
  if (!isSvg(bytes)) return false;
  if (!isPlainSvg(bytes)) return true;
  const { width, height } = await sharp(bytes, { limitInputPixels: maxPixels }).metadata();
  return width * height > MAX_PLAIN_PIXELS;
}

function drawSvg(
  bytes: Uint8Array,
  { minSide, background = 'white', maxPixels = MAX_PIXELS, maxSeconds = 4 }: DecodeImageOptions,
): Promise<DrawnSvg> {
  return drawInProcess({ bytes, minSide, background, limitInputPixels: maxPixels, maxSeconds });
}

/** Creates the sharp pipeline without reading the image: sharp only throws here for invalid options. */
function startDecoding(
  bytes: Uint8Array,
  { minSide, background = 'white', maxPixels = MAX_PIXELS }: DecodeImageOptions,
): Sharp {
  try {
    const image = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' }).autoOrient();
    if (minSide !== undefined) {
      image.resize({ width: minSide, height: minSide, fit: 'outside', withoutEnlargement: true });
    }
    return image.flatten({ background }).toColorspace('srgb').raw({ depth: 'uchar' });
  } catch (cause) {
    throw new TransfusionError('invalid-argument', `decodeImage: ${(cause as Error).message}`, { cause });
  }
}

function unreadable(reason: string, cause?: unknown): TransfusionError {
  const remedy = reason.includes('pixel limit')
    ? 'Shrink it, or raise maxPixels'
    : 'Save it again, as PNG or JPEG';
  return new TransfusionError(
    'invalid-record',
    // What follows the first line are libvips's attempts.
    `not a readable image (${reason.trim().split('\n', 1)[0]}). ${remedy}, or remove it.`,
    { cause },
  );
}

/**
 * Reads an image file; see {@link decodeImage}.
 *
 * @throws TransfusionError `invalid-file`, with the path, if it cannot be read
 */
export async function readImage(path: string, options?: DecodeImageOptions): Promise<RgbImage> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: cannot be read (${(cause as Error).message}). Check the path.`,
      {
        cause,
      },
    );
  }
  try {
    return await decodeImage(bytes, options);
  } catch (cause) {
    if (!TransfusionError.isInstance(cause)) throw cause;
    const code = cause.code === 'invalid-record' ? 'invalid-file' : cause.code;
    throw new TransfusionError(code, `${path}: ${cause.message}`, { cause });
  }
}

/** Encodes an image as PNG. */
export async function encodePng({ width, height, data }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Writes an image as a PNG file. */
export async function writePng(path: string, image: RgbImage): Promise<void> {
  await writeFile(path, await encodePng(image));
}

/** Scales and center-crops an image to a size. */
export async function resizeImage(image: RgbImage, width: number, height: number): Promise<RgbImage> {
  if (image.width === width && image.height === height) return image;
  const data = await sharp(image.data, {
    raw: { width: image.width, height: image.height, channels: 3 },
  })
    .resize(width, height, { fit: 'cover' })
    .raw()
    .toBuffer();
  return { width, height, data: plainBytes(data) };
}

/** Returns the bytes as a plain `Uint8Array`: methods of `Buffer` differ. */
function plainBytes({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
}
