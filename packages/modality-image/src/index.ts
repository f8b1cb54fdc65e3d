export {
  decodeImage,
  encodePng,
  readImage,
  resizeImage,
  writePng,
  type DecodeImageOptions,
} from './image-files.js';
export { image, type ImageOptions } from './image-modality.js';
export { linearAdapter, type LinearAdapterOptions } from './linear-adapter.js';
export { patchify, unpatchify } from './patches.js';
export { pixelCodec } from './pixel-codec.js';
export { isRgbImage, type RgbImage } from './rgb-image.js';
