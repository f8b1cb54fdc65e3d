import type { NoiseScheduler } from '@transfusion/diffusion';
import type { EncodedDocument, Shape } from '@transfusion/modality';
import type { TokenSamplingOptions } from './sample-token.js';

/** What to generate. */
export interface GenerationRequest {
  /** What the document begins with; may be empty. */
  readonly prompt: EncodedDocument;
  /** Begins with a span instead of leaving it to the model; of the modality's first latent shape by default. */
  readonly begin?: { readonly modality: string; readonly latentShape?: Shape };
  /** Decides all that is drawn. A request gives the same result whatever else is in its batch. */
  readonly seed: number;
  /** Ends the document after so many tokens, markers not counted; 256 by default. 0 makes spans only. */
  readonly maxTokens?: number;
  /** Does not end the document before so many tokens; 0 by default. A caption wants 1. */
  readonly minTokens?: number;
  /** How many spans there may be, that of `begin` included; 1 by default. 0 writes tokens only. */
  readonly maxSpans?: number;
  readonly tokens?: TokenSamplingOptions;
  readonly spans?: SpanSamplingOptions;
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
      /** From 1 to `numSteps`. */
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
