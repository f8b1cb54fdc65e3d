export type { DrawingOptions, ImageGuidance } from './drawing-options.js';
export { editImage, type EditImageOptions, type ImageEdit } from './edit-image.js';
export { generateValues, type GeneratedValues } from './generate-values.js';
export { imageToText, type ImageToTextOptions } from './image-to-text.js';
export { inpaintImage, type InpaintImageOptions, type Inpainting } from './inpaint-image.js';
export { textToImage, type TextToImageOptions } from './text-to-image.js';
export { encodePrompt, modalityOfImages, modalityOfText, type TrainedModel } from './trained-model.js';
