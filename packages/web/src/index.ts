export { createWorkerModel, type WorkerModel, type WorkerModelOptions } from './create-worker-model.js';
export type { FolderReader, ReadOptions } from './folder-reader.js';
export type { ArrayValue, InputValue } from './graph-codec.js';
export { loadModel, type LoadModelOptions, type LoadProgress } from './load-model.js';
export type { WebInpainting } from './image/inpainting.js';
export type { Device } from './ort.js';
export type { PixelImage } from './image/rgb-values.js';
export type { PromptSegment, WebEvent, WebModel, WebRequest, WebSampler } from './web-model.js';
export type { WorkerLike } from './worker-connection.js';
