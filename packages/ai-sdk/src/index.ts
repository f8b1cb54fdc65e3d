export { createTransfusion } from './http/create-transfusion.js';
export type { ServerSettings } from './http/post.js';
export { transfusionInProcess, type InProcessOptions } from './in-process/transfusion-in-process.js';
export type {
  TransfusionImageModelOptions,
  TransfusionLanguageModelOptions,
  TransfusionSpeechModelOptions,
} from './provider-options.js';
export type { TransfusionProvider } from './transfusion-provider.js';
