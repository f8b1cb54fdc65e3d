export {
  createAutoencoder,
  sampleLatent,
  type Autoencoder,
  type AutoencoderConfig,
  type AutoencoderParams,
  type LatentGaussian,
} from './autoencoder/autoencoder.js';
export {
  autoencoderCodec,
  type AutoencoderCodecOptions,
  type LatentStatistics,
} from './autoencoder/autoencoder-codec.js';
export {
  readAutoencoder,
  writeAutoencoder,
  type TrainedAutoencoder,
} from './autoencoder/autoencoder-files.js';
export {
  autoencoderModel,
  type AutoencoderArrays,
  type AutoencoderBatch,
  type AutoencoderLossOptions,
  type AutoencoderModel,
  type AutoencoderModelParams,
} from './autoencoder/autoencoder-model.js';
export type { AdapterFactory, AdapterShape } from './adapter.js';
export { perceptualDistance, type FeatureNetwork } from './autoencoder/perceptual-distance.js';
export {
  initPatchDiscriminator,
  patchDiscriminator,
  type PatchDiscriminatorParams,
} from './autoencoder/patch-discriminator.js';
export {
  extendCanvas,
  keepKnown,
  latentMask,
  pixelMask,
  type CanvasExtension,
  type PixelMask,
} from './image-edits.js';
export {
  decodeImage,
  encodePng,
  readImage,
  resizeImage,
  writePng,
  type DecodeImageOptions,
} from './image-files.js';
export { image, type ImageOptions } from './image-modality.js';
export { linear, linearAdapter } from './linear-adapter.js';
export { onnxAutoencoderCodec, type OnnxAutoencoderCodecOptions } from './onnx/onnx-autoencoder-codec.js';
export { patchify, unpatchify } from './patches.js';
export { pixelCodec } from './pixel-codec.js';
export { isRgbImage, type RgbImage } from './rgb-image.js';
export { unet, unetAdapter, type UnetOptions } from './unet-adapter.js';
