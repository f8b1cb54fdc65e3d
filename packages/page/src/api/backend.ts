/** Interface between the page and whatever generates: a server, or a model in the browser. */

/** Kind of reply: whatever the model continues with, one image, or a text. */
export type Mode = 'auto' | 'image' | 'text';

/** Description of a model. Everything but its name is missing until it is loaded. */
export interface ModelInfo {
  readonly name: string;
  /** Kinds of media that it reads and generates: first halves of media types. */
  readonly modalities?: readonly string[];
  /** Sizes of its images, such as `64x64`. */
  readonly imageSizes?: readonly string[];
  readonly denoising?: DenoisingInfo;
  /** URL of its export, if browsers may run it. */
  readonly exportUrl?: string;
}

/** Denoising by a model. */
export interface DenoisingInfo {
  /** Samplers that fit the model. */
  readonly schedulers: readonly string[];
  /** Sampler of requests that name none. */
  readonly scheduler: string;
  readonly numInferenceSteps: number;
  /** Numbers of steps that it has; undefined if it may be any. */
  readonly stepCounts?: readonly number[];
  readonly guidanceScale: number;
  /** Timesteps, noisiest first, and the scale of the noise at each. */
  readonly noiseSchedule: readonly (readonly [timestep: number, sigma: number])[];
}

/** An image of the prompt. */
export interface InputImage {
  /** File as a data URI. */
  readonly dataUri: string;
}

/** A prompt, and how to continue it. Missing values are the model's defaults. */
export interface GenerationRequest {
  readonly model?: string;
  readonly mode: Mode;
  readonly prompt: string;
  readonly images: readonly InputImage[];
  /** Data URI of a PNG of the size of the last image, whose transparent pixels are generated. */
  readonly mask?: string;
  readonly negativePrompt?: string;
  readonly seed: number;
  readonly numInferenceSteps?: number;
  readonly guidanceScale?: number;
  readonly imageGuidanceScale?: number;
  readonly scheduler?: string;
  readonly size?: string;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly maxImages?: number;
  /** Number of previews of each image while it is denoised. */
  readonly numPreviews: number;
}

/** Milliseconds of a request by what was done in them. */
export type Timings = Readonly<Record<string, number>>;

/** Progress of a reply. `item` counts its texts and values from 0. */
export type GenerationEvent =
  /** Generation begins: the request has left the queue. */
  | { readonly type: 'start'; readonly model: string }
  | { readonly type: 'text'; readonly item: number; readonly text: string }
  | {
      readonly type: 'step';
      readonly item: number;
      /** From 1. */
      readonly step: number;
      readonly numSteps: number;
      readonly timestep?: number;
    }
  /** A rough version of the value that is being denoised. */
  | { readonly type: 'preview'; readonly item: number; readonly value: MediaValue }
  /** A finished value. */
  | { readonly type: 'value'; readonly item: number; readonly value: MediaValue }
  | {
      readonly type: 'end';
      /** `length` if a limit cut the reply. */
      readonly reason: 'stop' | 'length';
      readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
      readonly timings?: Timings;
    };

/** A file in memory. */
export interface MediaValue {
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Something that has models and generates with them. */
export interface Backend {
  /** @throws BackendError */
  models(signal?: AbortSignal): Promise<readonly ModelInfo[]>;
  /**
   * Generates a reply; ends early when the signal is aborted.
   *
   * @throws BackendError, or the signal's reason
   */
  generate(request: GenerationRequest, signal: AbortSignal): AsyncIterable<GenerationEvent>;
}

/**
 * A failure that the page explains.
 *
 * - `key`: the backend wants another API key
 * - `unreachable`: no answer came
 * - `busy`: the model is being loaded, or its queue is full; try again later
 * - `request`: the request is at fault
 * - `failed`: anything else
 */
export class BackendError extends Error {
  override readonly name = 'BackendError';

  constructor(
    readonly kind: 'key' | 'unreachable' | 'busy' | 'request' | 'failed',
    message: string,
    /** Field of the request at fault. */
    readonly param?: string,
  ) {
    super(message);
  }
}
