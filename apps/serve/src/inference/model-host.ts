/** Interface of a model to the HTTP side of the server, wherever it runs. */
import type { TokenUsage } from '@transfusion/pipelines';

/** A part of a prompt: a text, or the bytes of a file, such as a PNG. */
export type PromptPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'file'; readonly mediaType: string; readonly bytes: Uint8Array };

/** Options of generation, as `@transfusion/pipelines` takes them. */
export interface InferenceOptions {
  readonly minTokens?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  /** Added to the logits of the model's text tokens. */
  readonly logitBias?: readonly { readonly id: number; readonly bias: number }[];
  readonly numInferenceSteps?: number;
  readonly guidanceScale?: number;
  /** Guidance scale of the images in the prompt. */
  readonly spanGuidanceScale?: number;
  readonly guidanceInterval?: readonly [from: number, to: number];
  readonly scheduler?: string;
  /** Maximum number of spans (images) in a document. */
  readonly maxSpans?: number;
}

/** A prompt, and the outputs to generate from it. */
export interface InferenceRequest {
  readonly prompt: readonly PromptPart[];
  readonly negativePrompt?: string;
  /** A single value of a modality, by the first half of its media type; or whatever the model continues with. */
  readonly output: 'text' | 'image' | 'audio' | 'document';
  /** Width and height of a generated image; by default the model chooses, or keeps those of an edited image. */
  readonly size?: readonly [width: number, height: number];
  /**
   * An image file whose transparent pixels are generated (inpainting); the last file of the prompt is the image, and does
   * not count as a part of the prompt.
   */
  readonly mask?: Uint8Array;
  /** Index of the file of the prompt whose size the output keeps. */
  readonly keepsSizeOf?: number;
  /** Number of previews of each value; defaults to 0. */
  readonly numPreviews?: number;
  /** Seeds of the outputs: one is generated for each. */
  readonly seeds: readonly number[];
  readonly options: InferenceOptions;
}

/** Numbers of elements of a sequence. */
export type InferenceUsage = TokenUsage;

/** Progress of an output. */
export type InferenceEvent =
  /** The request has left the queue. */
  | { readonly type: 'start'; readonly usage: InferenceUsage }
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'denoise-step';
      /** Of the file that it will be. */
      readonly mediaType: string;
      /** From 1. */
      readonly step: number;
      readonly numSteps: number;
      /** Time that it took. */
      readonly milliseconds: number;
    }
  | {
      readonly type: 'preview';
      /** From 0. */
      readonly index: number;
      readonly mediaType: string;
      readonly bytes: Uint8Array;
    }
  /** A finished value. */
  | { readonly type: 'file'; readonly mediaType: string; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly reason: 'stop' | 'length'; readonly usage: InferenceUsage };

/** Description of a model. */
export interface ModelInfo {
  /** First halves of the media types that it reads and writes: `text`, `image`, `audio`. */
  readonly mediaTypes: readonly ('text' | 'image' | 'audio')[];
  /** Widths and heights of the images that it generates. */
  readonly imageSizes: readonly (readonly [width: number, height: number])[];
}

/** State of a model's engine. */
export interface EngineState {
  readonly numRequests: number;
  readonly numRows: number;
  readonly cacheBytes: number;
  readonly numTicks: number;
  /** Mean number of rows of the calls since the last report. */
  readonly rowsPerTick: number;
  /** Resident memory of the model's process. */
  readonly residentBytes: number;
}

/**
 * A failed request.
 *
 * - `invalid`: its own fault; the message is for the client
 * - `unavailable`: the model's process ended; the request may be sent again
 * - `internal`: the server's fault; the message and the stack are for its log
 */
export class InferenceError extends Error {
  override readonly name = 'InferenceError';

  /** @param param the field of the request at fault, if all endpoints name it alike */
  constructor(
    readonly kind: 'invalid' | 'unavailable' | 'internal',
    message: string,
    readonly param?: string,
  ) {
    super(message);
  }
}

/** A model that requests can be sent to. */
export interface ModelHost {
  /** Name in requests. */
  readonly name: string;
  /** Undefined until the model is loaded, and while it is loaded again. */
  readonly info: ModelInfo | undefined;
  /** As it was last reported. */
  readonly state: EngineState | undefined;
  /**
   * Generates the outputs of a request; returns the events of each.
   *
   * @param signals one for each output: when it is aborted, generation ends at the next tick, and the events end with the
   *   signal's reason
   * @throws InferenceError
   */
  submit(
    request: InferenceRequest,
    signals: readonly AbortSignal[],
  ): readonly AsyncIterableIterator<InferenceEvent>[];
  /** Ends the model's process, and what runs in it. */
  close(): Promise<void>;
}
