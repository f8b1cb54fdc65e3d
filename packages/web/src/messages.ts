/** Messages between a page and its worker; plain data. */
import type { TransfusionErrorCode } from '@transfusion/errors';
import type { ArrayValue } from './graph-codec.js';
import type { LoadModelOptions, LoadProgress } from './load-model.js';
import type { WebEvent, WebModel, WebRequest } from './web-model.js';

/** Messages of the page. Each `id` is a new number, which answers have, too. */
export type ToWorker =
  | {
      readonly type: 'load';
      readonly id: number;
      readonly url: string;
      readonly options: Omit<LoadModelOptions, 'onProgress' | 'signal'>;
    }
  /** Holds a lock while the worker lives. */
  | { readonly type: 'hold'; readonly id: number; readonly lock: string }
  | { readonly type: 'generate'; readonly id: number; readonly request: WebRequest }
  /** Decodes what was predicted at a step of the generation `of`. */
  | { readonly type: 'preview'; readonly id: number; readonly of: number; readonly step: number }
  /** Ends what was asked for with this `id`. */
  | { readonly type: 'abort'; readonly id: number };

/** Answers of the worker: progress and events, then one result or error. */
export type FromWorker =
  | { readonly type: 'progress'; readonly id: number; readonly progress: LoadProgress }
  | { readonly type: 'event'; readonly id: number; readonly event: SentEvent }
  | { readonly type: 'result'; readonly id: number; readonly result: SentModel | ArrayValue | undefined }
  | { readonly type: 'error'; readonly id: number; readonly error: SentError };

/** An event without its function. */
export type SentEvent =
  | Exclude<WebEvent, { readonly type: 'denoise-step' }>
  | Omit<Extract<WebEvent, { readonly type: 'denoise-step' }>, 'preview'>;

/** A model without its functions. */
export type SentModel = Omit<WebModel, 'generate' | 'dispose'>;

/** An error; `code` is undefined for those of others. */
export interface SentError {
  readonly code?: TransfusionErrorCode;
  readonly name: string;
  readonly message: string;
}
