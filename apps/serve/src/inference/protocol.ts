/** Messages between the server and the process of a model; structured clones, so that bytes stay bytes. */
import type {
  EngineState,
  InferenceError,
  InferenceEvent,
  InferenceRequest,
  ModelInfo,
} from './model-host.js';

/** Options of a model's process: its one argument, as JSON. */
export interface ModelProcessOptions {
  /** Folder of a run, a checkpoint or an export. */
  readonly folder: string;
  /** Name of the compute backend, or `auto`. */
  readonly engine: string;
  /** Maximum number of requests that run at a time; others wait. */
  readonly maxRunning: number;
  readonly limits: InferenceLimits;
}

/** Limits of a request; each is an `invalid` error if it is exceeded. */
export interface InferenceLimits {
  /** Maximum number of tokens and span positions in a prompt. */
  readonly maxPromptTokens: number;
  /** Maximum of a request's `maxTokens`, and the value of requests without one. */
  readonly maxTokens: number;
  readonly maxInferenceSteps: number;
  /** Maximum number of spans (images) in a generated document. */
  readonly maxSpans: number;
}

/** A message to the model's process. Each output of a request has an id; the files are sent once. */
export type ToModel =
  | { readonly type: 'submit'; readonly ids: readonly number[]; readonly request: InferenceRequest }
  | { readonly type: 'abort'; readonly id: number };

/** Messages that the model's process sends together: all that follow from one call of the engine. */
export type MessagesFromModel = readonly FromModel[];

/** A message from the model's process. */
export type FromModel =
  | { readonly type: 'ready'; readonly info: ModelInfo }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'state'; readonly state: EngineState }
  | { readonly type: 'event'; readonly id: number; readonly event: InferenceEvent }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly failure: InferenceFailure };

/** An `InferenceError`, of which a structured clone would keep the message and the stack only. */
export type InferenceFailure = Pick<InferenceError, 'kind' | 'message' | 'param' | 'stack'>;
