import type { NoiseScheduler } from '@transfusion/diffusion';
import type { EncodedDocument, Latent, Shape } from '@transfusion/modality';
import type { TokenSamplingOptions } from './sample-token.js';

/** A document to generate. */
export interface GenerationRequest {
  /** Begins the document; may be empty. */
  readonly prompt: EncodedDocument;
  /** Begins with a span instead of leaving it to the model. */
  readonly begin?: SpanBegin;
  /** Decides all that is sampled. A request gives the same result whatever else is in its batch. */
  readonly seed: number;
  /** Ends the document after so many tokens, markers not counted; defaults to 256. 0 generates spans only. */
  readonly maxTokens?: number;
  /** Does not end the document before so many tokens; defaults to 0. A caption needs 1. */
  readonly minTokens?: number;
  /** Limits the number of spans, that of `begin` included; defaults to 1. 0 generates tokens only. */
  readonly maxSpans?: number;
  /**
   * The discrete modality whose tokens alone may be chosen, besides the end of the document; defaults to all, and
   * to spans. With `minTokens` and `maxTokens` equal to the modality's `tokensPerValue`, exactly one value is
   * generated.
   */
  readonly tokenModality?: string;
  readonly tokens?: TokenSamplingOptions;
  readonly spans?: SpanSamplingOptions;
}

/** The span that a document begins with behind its prompt. */
export interface SpanBegin {
  readonly modality: string;
  /** Defaults to that of `known`, or to the one that the model chooses among the modality's. */
  readonly latentShape?: Shape;
  /** The part of the latent that is known; the rest is generated to fit (inpainting). */
  readonly known?: KnownLatent;
}

/** A latent of which a part is known, and the rest is to be generated. */
export interface KnownLatent {
  /** Of the span's shape. Elements that are to be generated do not matter, but must be finite. */
  readonly latent: Latent;
  /**
   * A value for each element of the latent: 1 where it is known and stays as it is, bit for bit, 0 where it is to
   * be generated. Nothing between: two noises mixed would be less noise than the model expects.
   */
  readonly mask: ArrayLike<number>;
  /**
   * Takes each step but the last so many times, with its noise added again in between, so that the generated part
   * fits better to the known one (RePaint, section 4.2); defaults to 1. It multiplies the time.
   */
  readonly resample?: number;
}

/** Options of the denoising of spans. */
export interface SpanSamplingOptions {
  /** Steps from noise to latent; defaults to 50. */
  readonly numInferenceSteps?: number;
  /**
   * Strength of classifier-free guidance (Ho & Salimans 2022): extrapolates away from the prediction for the span
   * without the rest of the document. 1 is none; defaults to 3.
   */
  readonly guidanceScale?: number;
  /**
   * The same for the spans before it (an image that is edited, say); `guidanceScale` is for the tokens then, given
   * the spans (Brooks et al. 2023, equation 3). Defaults to `guidanceScale`: both as one.
   */
  readonly spanGuidanceScale?: number;
  /** A sampler to use instead of the modality's own, of the same noise process and prediction type. */
  readonly scheduler?: NoiseScheduler;
}

/** Progress of generation; `request` is the request's index. */
export type GenerationEvent = { readonly request: number } & (
  | { readonly type: 'token'; readonly modality: string; readonly id: number }
  | { readonly type: 'span-start'; readonly modality: string; readonly latentShape: Shape }
  | {
      readonly type: 'denoise-step';
      readonly modality: string;
      /** From 1 to `numSteps`, the calls of the model. */
      readonly step: number;
      readonly numSteps: number;
      /** The model's prediction of the finished latent so far. */
      readonly predOriginalSample: Float32Array;
    }
  | {
      readonly type: 'span-end';
      readonly modality: string;
      readonly latentShape: Shape;
      readonly latent: Float32Array;
    }
  /** `max-spans` ends a document of spans only. */
  | { readonly type: 'end'; readonly reason: 'eos' | 'max-tokens' | 'max-spans' }
);
