import type { InferenceStep, NoiseScheduler, SamplerMemory } from '@transfusion/diffusion';
import type { ContinuousModality, Shape } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { KnownLatent } from './request.js';

/** A span while it is denoised. */
export interface OpenSpan {
  readonly modality: ContinuousModality;
  readonly latentShape: Shape;
  readonly scheduler: NoiseScheduler;
  readonly steps: readonly InferenceStep[];
  readonly rng: Rng;
  readonly initialNoise: Float32Array;
  readonly known?: KnownLatent;
  stepsTaken: number;
  /** The current sample, at the timestep of the next step. */
  sample: Float32Array;
  memory?: SamplerMemory;
}
