import type { Media } from '@transfusion/modality';
import { decodeImage, encodePng, type DecodeImageOptions } from './image-files.js';
import { imageGrid } from './image-grid.js';
import type { RgbImage } from './rgb-image.js';

/** Creates the media of images: writes PNG, reads all formats of `decodeImage`; sheets are grids. */
export function imageMedia(options: DecodeImageOptions = {}): Media<RgbImage> {
  return {
    mediaType: 'image/png',
    extensions: ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif', '.svg'],
    decode: (bytes) => decodeImage(bytes, options),
    encode: encodePng,
    sheet: async (images) => ({
      mediaType: 'image/png',
      extension: '.png',
      bytes: await encodePng(imageGrid(images)),
    }),
  };
}
