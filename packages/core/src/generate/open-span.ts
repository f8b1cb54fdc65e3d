import type { InferenceStep, NoiseScheduler, SamplerMemory } from '@transfusion/diffusion';
import type { ContinuousModality, Shape } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { KnownLatent } from './request.js';

/** A span on its way from noise to latent. */
export interface OpenSpan {
  readonly modality: ContinuousModality;
  readonly latentShape: Shape;
  readonly scheduler: NoiseScheduler;
  readonly steps: readonly InferenceStep[];
  readonly rng: Rng;
  readonly startNoise: Float32Array;
  readonly known?: KnownLatent;
  stepsTaken: number;
  sample: Float32Array;
  memory?: SamplerMemory;
}
