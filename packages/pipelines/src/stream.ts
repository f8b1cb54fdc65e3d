/** Streams of outputs without TensorFlow.js, for generators besides the engine. */
export type { GenerateRequest, OutputOf } from './generate.js';
export type { GenerateOptions } from './generation-request.js';
export {
  prepareOutputs,
  type DocumentGenerator,
  type GenerateStreamOptions,
  type OutputEvent,
  type PreparedStream,
  type TokenUsage,
} from './output-events.js';
