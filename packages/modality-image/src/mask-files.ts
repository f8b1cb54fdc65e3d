/** Reads masks as OpenAI's image wire has them: transparent where the image is to be generated. */
import { TransfusionError } from '@transfusion/errors';
import sharp from 'sharp';
import type { PixelMask } from './image-edits.js';
import type { DecodeImageOptions } from './image-files.js';
import { isSvg } from './svg-process.js';

/**
 * Decodes the alpha channel of a PNG, WebP or another image file to a mask: pixels that are more than half transparent are
 * masked. Applies the EXIF orientation, as `decodeImage` does.
 *
 * @throws TransfusionError `invalid-record` if the bytes are not a complete image, it is too large, an SVG, or has no alpha
 *   channel
 */
export async function decodeMask(
  bytes: Uint8Array,
  { maxPixels = 100_000_000 }: Pick<DecodeImageOptions, 'maxPixels'> = {},
): Promise<PixelMask> {
  if (isSvg(bytes)) throw unreadable('it is an SVG');
  try {
    const image = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' });
    if (!(await image.metadata()).hasAlpha) throw unreadable('it has no alpha channel');
    const { data, info } = await image
      .autoOrient()
      .extractChannel('alpha')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    // In place: millions of calls of a function would take seconds.
    for (let i = 0; i < data.length; i++) data[i] = 255 - data[i];
    return { width: info.width, height: info.height, data: new Uint8Array(data) };
  } catch (cause) {
    if (TransfusionError.isInstance(cause)) throw cause;
    throw unreadable((cause as Error).message.trim().split('\n', 1)[0], cause);
  }
}

function unreadable(reason: string, cause?: unknown): TransfusionError {
  return new TransfusionError(
    'invalid-record',
    `decodeMask: not a readable mask (${reason}), expected an image file whose transparent pixels are to be generated. ` +
      'Save it as PNG with transparency.',
    { cause },
  );
}
