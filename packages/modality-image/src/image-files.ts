/** Image files in and out, through sharp (libvips). */
import { readFile, writeFile } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/nn';
import sharp from 'sharp';
import type { RgbImage } from './rgb-image.js';

export interface DecodeImageOptions {
  /** Shrinks a larger picture so that its shorter side has this many pixels, while it is read. */
  readonly minSide?: number;
  /** What shows through transparent parts; white by default. */
  readonly background?: string;
  /** Refuses pictures with more pixels (width · height), before they take memory; 100 million by default. */
  readonly maxPixels?: number;
}

/**
 * Reads PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG. Any colour space and depth becomes 8-bit sRGB, the
 * orientation of its EXIF data is applied, transparency is laid over the background, and of an
 * animation the first frame is taken.
 *
 * @throws TransfusionError `invalid-record` if the bytes are no whole picture, or one that is too large
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeImageOptions = {}): Promise<RgbImage> {
  const { minSide, background = 'white', maxPixels = 100_000_000 } = options;
  try {
    const picture = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'truncated' }).rotate();
    if (minSide !== undefined) {
      picture.resize({ width: minSide, height: minSide, fit: 'outside', withoutEnlargement: true });
    }
    const { data, info } = await picture
      .flatten({ background })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: threeChannels(data, info.channels) };
  } catch (cause) {
    throw new TransfusionError('invalid-record', `Not a readable picture: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** {@link decodeImage} of a file. @throws TransfusionError `invalid-file` if it cannot be read */
export async function readImage(path: string, options?: DecodeImageOptions): Promise<RgbImage> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}`, { cause });
  }
  return decodeImage(bytes, options);
}

/** The picture as a PNG file's bytes. */
export async function encodePng({ width, height, data }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Writes a PNG file. */
export async function writePng(path: string, image: RgbImage): Promise<void> {
  await writeFile(path, await encodePng(image));
}

/** Scales and crops a picture (around its middle) to fill the size asked for. */
export async function resizeImage(image: RgbImage, width: number, height: number): Promise<RgbImage> {
  if (image.width === width && image.height === height) return image;
  const { data, info } = await sharp(image.data, {
    raw: { width: image.width, height: image.height, channels: 3 },
  })
    .resize(width, height, { fit: 'cover' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width, height, data: threeChannels(data, info.channels) };
}

/** A grey picture has one channel. */
function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data);
  const out = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < out.length; i++) out[i] = data[Math.floor(i / 3) * channels];
  return out;
}
