import type { NoiseScheduler } from '@transfusion/diffusion';
import type { EncodedDocument, Latent, Shape } from '@transfusion/modality';
import type { TokenSamplingOptions } from './sample-token.js';

/** A document to generate. */
export interface GenerationRequest {
  /** The beginning of the document; may be empty. */
  readonly prompt: EncodedDocument;
  /** Forces a span right after the prompt; by default the model decides. */
  readonly firstSpan?: FirstSpan;
  /** Seeds all sampling; the result does not depend on the rest of the batch. */
  readonly seed: number;
  /** Maximum number of generated tokens, excluding markers; defaults to 256. 0 generates spans only. */
  readonly maxTokens?: number;
  /**
   * Minimum number of generated tokens before the document may end; defaults to 0. Set 1 to rule out an empty
   * caption.
   */
  readonly minTokens?: number;
  /** Maximum number of generated spans, including `firstSpan`; defaults to 1. 0 generates tokens only. */
  readonly maxSpans?: number;
  /**
   * Holds generation to tokens of the discrete ones of these modalities, spans of the continuous ones, and the end of
   * the document; by default all are allowed. `firstSpan` may be of any other. With one discrete modality, and
   * `minTokens` and `maxTokens` equal to its `tokensPerValue`, exactly one value is generated. Tokens of other
   * modalities have no influence, however many the vocabulary has.
   */
  readonly modalities?: readonly string[];
  /**
   * Ends the document after the token that completes one of these strings in the generated text, of any discrete
   * modality whose values are strings; not before `minTokens`. The token events include the string, and what its
   * last token has beyond it. Text of the prompt does not count.
   */
  readonly stop?: readonly string[];
  /** Options for sampling tokens. */
  readonly tokenSampling?: TokenSamplingOptions;
  /** Options for denoising spans. */
  readonly spanSampling?: SpanSamplingOptions;
}

/** The span to generate first, right after the prompt. */
export interface FirstSpan {
  /** Name of a continuous modality. */
  readonly modality: string;
  /** Defaults to the shape of `known`; without it, the model chooses among the modality's shapes. */
  readonly latentShape?: Shape;
  /** The known part of the latent; the rest is generated to fit it (inpainting). */
  readonly known?: KnownLatent;
}

/** A latent of which a part is known; the rest is generated. */
export interface KnownLatent {
  /** Has the span's shape. Unknown elements are ignored, but must be finite. */
  readonly latent: Latent;
  /**
   * A value for each element of the latent: 1 where it is known and stays bit-identical, 0 where it is
   * generated. Must be binary: blending two independently noised latents has less variance than the model
   * expects.
   */
  readonly knownMask: ArrayLike<number>;
  /**
   * Number of times each denoising step but the last is run, re-noising in between, so that the generated
   * region harmonizes with the known one (RePaint, section 4.2); defaults to 1 (off). Sampling time grows in
   * proportion.
   */
  readonly numResamples?: number;
}

/** Options for denoising spans. */
export interface SpanSamplingOptions {
  /** Number of denoising steps; defaults to 50. */
  readonly numInferenceSteps?: number;
  /**
   * Scale of classifier-free guidance (Ho & Salimans 2022): extrapolates from the unconditional prediction
   * (the span alone) toward the conditional one. 1 disables guidance; defaults to 3.
   */
  readonly guidanceScale?: number;
  /**
   * Guidance scale of the preceding spans, such as the image being edited (InstructPix2Pix
   * `image_guidance_scale`; Brooks et al. 2023, equation 3); `guidanceScale` then applies to the tokens only.
   * Defaults to `guidanceScale`: ordinary guidance on the whole context.
   */
  readonly spanGuidanceScale?: number;
  /**
   * Timesteps at which guidance applies, first and last included, such as [200, 800]; outside of them only the
   * conditional prediction is computed (Kynkäänniemi et al. 2024). Defaults to all.
   */
  readonly guidanceInterval?: readonly [from: number, to: number];
  /** Document to guide away from, in place of nothing; defaults to an empty one. No effect without guidance. */
  readonly negativePrompt?: EncodedDocument;
  /**
   * A sampler to use instead of the modality's own: one whose process, prediction type and `numTrainTimesteps`
   * match, or the name of one (`ddim`), which then has the modality's noise schedule.
   */
  readonly scheduler?: NoiseScheduler | string;
}

/** Progress of generation; `request` is the request's index. */
export type GenerationEvent = { readonly request: number } & (
  | {
      readonly type: 'token';
      readonly modality: string;
      /** The modality's own id, from 0. */
      readonly id: number;
    }
  | { readonly type: 'span-start'; readonly modality: string; readonly latentShape: Shape }
  | {
      readonly type: 'denoise-step';
      readonly modality: string;
      /**
       * 1-based. `numSteps` counts model evaluations: more than `numInferenceSteps` with resampling or a
       * second-order sampler.
       */
      readonly step: number;
      readonly numSteps: number;
      /** Timestep of the sample that the model was called with. */
      readonly timestep: number;
      /** The model's current prediction of the clean latent. */
      readonly predOriginalSample: Float32Array;
    }
  | {
      readonly type: 'span-end';
      readonly modality: string;
      readonly latentShape: Shape;
      readonly latent: Float32Array;
    }
  /** `max-spans` occurs only with `maxTokens: 0`. */
  | { readonly type: 'end'; readonly reason: 'eos' | 'stop' | 'max-tokens' | 'max-spans' }
);
