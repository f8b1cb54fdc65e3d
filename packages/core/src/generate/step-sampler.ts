import type { InferenceStep, NoiseLevel } from '@transfusion/diffusion';
import type { ContinuousModality, Shape } from '@transfusion/modality';
import type { SpanSamplingOptions } from './request.js';

/** Result of a step of a {@link StepSampler}. */
export interface SampledStep {
  /** The sample at `tPrev`. */
  readonly sample: Float32Array;
  /** The model's prediction of the clean sample. */
  readonly predOriginalSample: Float32Array;
}

/** A sampler that denoises one span; it keeps what a multistep sampler needs of earlier steps. */
export interface StepSampler {
  /** True if steps need noise. */
  readonly stochastic: boolean;
  /** The noisiest timestep. */
  readonly maxTimestep: number;
  /** Steps of a trajectory, noisiest first. */
  readonly steps: readonly InferenceStep[];
  /** Returns α and σ at a timestep of `steps`. */
  noiseLevelAt(timestep: number): NoiseLevel;
  /**
   * Takes a step with the (guided) output of the model.
   *
   * @param noise of the standard normal distribution; absent unless `stochastic`
   */
  step(
    at: InferenceStep,
    output: Float32Array,
    sample: Float32Array,
    noise?: Float32Array,
  ): Promise<SampledStep>;
  /** Forgets the earlier steps, and frees their memory; the sampler can be used again. */
  reset(): void;
}

/**
 * Returns a sampler for a span.
 *
 * @throws TransfusionError `mismatch`, `not-found` or `invalid-argument` for options that do not fit the modality
 */
export type SamplerOf = (
  modality: ContinuousModality,
  latentShape: Shape,
  options?: SpanSamplingOptions,
) => StepSampler;
