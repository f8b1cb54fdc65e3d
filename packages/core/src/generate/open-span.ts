import type { InferenceStep } from '@transfusion/diffusion';
import type { ContinuousModality, Shape } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn/rng';
import type { KnownLatent } from './request.js';
import type { StepSampler } from './step-sampler.js';

/** A span while it is denoised. */
export interface OpenSpan {
  readonly modality: ContinuousModality;
  readonly latentShape: Shape;
  readonly sampler: StepSampler;
  /** Steps of the sampler; with resampling, most of them several times. */
  readonly steps: readonly InferenceStep[];
  readonly rng: Rng;
  readonly initialNoise: Float32Array;
  readonly known?: KnownLatent;
  stepsTaken: number;
  /** The current sample, at the timestep of the next step. */
  sample: Float32Array;
}
