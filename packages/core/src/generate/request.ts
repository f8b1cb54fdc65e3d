import type { NoiseScheduler } from '@transfusion/diffusion';
import type { EncodedDocument, Shape } from '@transfusion/modality';
import type { KnownLatent } from './known-latent.js';
import type { TokenSamplingOptions } from './sample-token.js';

/** What to generate. */
export interface GenerationRequest {
  /** What the document begins with; may be empty. */
  readonly prompt: EncodedDocument;
  /** Begins with a span instead of leaving it to the model. */
  readonly begin?: SpanBegin;
  /** Decides all that is drawn. A request gives the same result whatever else is in its batch. */
  readonly seed: number;
  /** Ends the document after so many tokens, markers not counted; 256 by default. 0 makes spans only. */
  readonly maxTokens?: number;
  /** Does not end the document before so many tokens; 0 by default. A caption wants 1. */
  readonly minTokens?: number;
  /** How many spans there may be, that of `begin` included; 1 by default. 0 writes tokens only. */
  readonly maxSpans?: number;
  /**
   * The discrete modality whose tokens alone may be chosen, besides the end of the document; defaults to all, and
   * to spans. With `minTokens` and `maxTokens` equal to the modality's `tokensPerValue`, exactly one value is written.
   */
  readonly tokenModality?: string;
  readonly tokens?: TokenSamplingOptions;
  readonly spans?: SpanSamplingOptions;
}

/** What a document begins with behind its prompt. */
export interface SpanBegin {
  readonly modality: string;
  /** That of `known` by default, or the one that the model chooses among the modality's. */
  readonly latentShape?: Shape;
  /** What of the latent is given; the rest is drawn to fit (inpainting). All of it is drawn by default. */
  readonly known?: KnownLatent;
}

/** How a span is denoised. */
export interface SpanSamplingOptions {
  /** Steps from noise to latent; 50 by default. */
  readonly numInferenceSteps?: number;
  /**
   * How far to go beyond what the rest of the document says, away from what the model would draw
   * without it (classifier-free guidance, Ho & Salimans 2022); 1 is none, 3 by default.
   */
  readonly guidanceScale?: number;
  /**
   * The same for what the spans before it say (an image that is edited, say); `guidanceScale` is for the
   * tokens then, beyond what the spans say (Brooks et al. 2023, equation 3). Equal by default: both as one.
   */
  readonly spanGuidanceScale?: number;
  /** Another sampler than the modality's own, of the same noise process and prediction type. */
  readonly scheduler?: NoiseScheduler;
}

/** What happens while generating; `request` is the request's number. */
export type GenerationEvent = { readonly request: number } & (
  | { readonly type: 'token'; readonly modality: string; readonly id: number }
  | { readonly type: 'span-start'; readonly modality: string; readonly latentShape: Shape }
  | {
      readonly type: 'denoise-step';
      readonly modality: string;
      /** From 1 to `numSteps`, the calls of the model. */
      readonly step: number;
      readonly numSteps: number;
      /** What the finished latent looks like so far. */
      readonly predOriginalSample: Float32Array;
    }
  | {
      readonly type: 'span-end';
      readonly modality: string;
      readonly latentShape: Shape;
      readonly latent: Float32Array;
    }
  /** `max-spans` ends what makes spans only. */
  | { readonly type: 'end'; readonly reason: 'eos' | 'max-tokens' | 'max-spans' }
);
