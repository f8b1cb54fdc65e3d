// The modality, and the parts that it is made of.
export type { AdapterFactory, AdapterShape } from './adapter.js';
export { aspectBuckets, type AspectBucketOptions } from './aspect-buckets.js';
export { imageFactory, type ImageFactoryOptions } from './image-factory.js';
export { imageMedia } from './image-media.js';
export { image, type ImageOptions } from './image-modality.js';
export { linear } from './linear-adapter.js';
export { onnxAutoencoderCodec, type OnnxAutoencoderCodecOptions } from './onnx/onnx-autoencoder-codec.js';
export { pixelCodec } from './pixel-codec.js';
export { unet, type UnetOptions } from './unet-adapter.js';

// Previews of latents.
export { fitLatentPreview } from './preview/fit-latent-preview.js';
export { writeLatentPreview } from './preview/latent-preview-file.js';
export { previewLatents, type LatentPreview } from './preview/latent-preview.js';

// Images, and operations on them.
export { randomAffine, randomTint, type RandomAffineOptions } from './image-augmentation.js';
export {
  extendCanvas,
  fillMasked,
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
export { imageGrid } from './image-grid.js';
export { decodeMask } from './mask-files.js';
export { isRgbImage, type RgbImage } from './rgb-image.js';

// Autoencoders.
export {
  autoencoderCodec,
  type AutoencoderCodec,
  type AutoencoderCodecOptions,
} from './autoencoder/autoencoder-codec.js';
export {
  readAutoencoder,
  writeAutoencoder,
  type LatentStatistics,
  type TrainedAutoencoder,
} from './autoencoder/autoencoder-files.js';
export {
  autoencoderModel,
  type AutoencoderArrays,
  type AutoencoderBatch,
  type AutoencoderBottleneck,
  type AutoencoderLossOptions,
  type AutoencoderModel,
  type AutoencoderModelParams,
  type BottleneckNetworks,
  type EncodedImages,
  type LatentNetwork,
} from './autoencoder/autoencoder-model.js';
export {
  createAutoencoder,
  type Autoencoder,
  type AutoencoderConfig,
  type AutoencoderParams,
  type LatentGaussian,
} from './autoencoder/autoencoder.js';
export { gaussianBottleneck, type GaussianBottleneckOptions } from './autoencoder/gaussian-bottleneck.js';
export type { PatchDiscriminatorParams } from './autoencoder/patch-discriminator.js';
export type { FeatureNetwork } from './autoencoder/perceptual-distance.js';

// Autoencoders with a codebook, and images as its entries.
export {
  codebookBottleneck,
  type CodebookBottleneckOptions,
} from './vector-quantization/codebook-bottleneck.js';
export {
  measureCodeUsage,
  reviveCodes,
  sampleRevivals,
  type CodeRevival,
  type CodeUsage,
} from './vector-quantization/code-revival.js';
export {
  imageTokens,
  imageTokensFactory,
  type ImageTokens,
  type ImageTokensOptions,
} from './vector-quantization/image-tokens.js';
export { lookUpCodes, nearestCodes } from './vector-quantization/vector-quantizer.js';
export {
  readVqAutoencoder,
  writeVqAutoencoder,
  type TrainedVqAutoencoder,
} from './vector-quantization/vq-autoencoder-files.js';
export {
  createVqAutoencoder,
  hasCodebook,
  type VqAutoencoder,
  type VqAutoencoderConfig,
  type VqAutoencoderParams,
} from './vector-quantization/vq-autoencoder.js';
