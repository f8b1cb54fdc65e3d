export { generate, generateEach, type GeneratedOf, type GenerateRequest, type OutputOf } from './generate.js';
export { generateStream, prepareStream } from './generate-stream.js';
export type { GenerateStreamOptions, OutputEvent, PreparedStream, TokenUsage } from './output-events.js';
export type { GenerateOptions } from './generation-request.js';
export { editImage, type EditImageOptions, type ImageEdit } from './image/edit-image.js';
export type { GenerateImageOptions } from './image/generate-images.js';
export { imageToText, type ImageToTextOptions } from './image/image-to-text.js';
export {
  decodeMask,
  inpaintImage,
  knownLatent,
  withKnownPixels,
  type ImageInpainting,
  type InpaintImageOptions,
} from './image/inpaint-image.js';
export { textToImage, type TextToImageOptions } from './image/text-to-image.js';
export { modalityAccepting } from './modality-accepting.js';
export {
  logLikelihoods,
  type LogLikelihood,
  type LogLikelihoodRequest,
  type LogLikelihoodsOptions,
} from './text/log-likelihoods.js';
export {
  rollingLogLikelihoods,
  type RollingLogLikelihood,
  type RollingLogLikelihoodsOptions,
} from './text/rolling-log-likelihoods.js';
export type { TrainedModel } from './trained-model.js';
