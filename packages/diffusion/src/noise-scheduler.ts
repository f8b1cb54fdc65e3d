import type * as tf from '@transfusion/tfjs';
import type { Rng } from '@transfusion/nn';

/**
 * The quantity that a model is trained to predict: the noise, the clean sample, the mixture
 * `α·noise - σ·sample` (Salimans & Ho 2022), or, for rectified flow, `noise - sample` (Liu et al. 2023).
 */
export type PredictionType = 'epsilon' | 'sample' | 'v_prediction' | 'flow';

/** One step of a trajectory from noise to sample. */
export interface InferenceStep {
  /** Timestep of the sample, and input of the model. */
  readonly t: number;
  /** Timestep after the step: below `t`, or `t` itself for a corrector step (Heun). */
  readonly tPrev: number;
}

/**
 * The scales of the sample (α) and the noise (σ) in x = α·x0 + σ·ε. In diffusion α² + σ² = 1, in rectified
 * flow α + σ = 1.
 */
export interface NoiseLevel {
  readonly alpha: number;
  readonly sigma: number;
}

/**
 * Plain JSON from which a scheduler can be recreated for sampling: its `type` and options. The timestep
 * distribution and loss weights of training are not included; they belong to the recipe.
 */
export interface NoiseSchedulerConfig {
  readonly type: string;
  readonly [option: string]: string | number;
}

/** Tensors that a sampler needs at its next step, such as an earlier prediction. */
export type SamplerMemory = Readonly<Record<string, tf.Tensor>>;

/** Inputs of a step besides the model's output. */
export interface StepOptions {
  /** Standard normal noise of the sample's shape; required if `stochastic` is true. */
  readonly noise?: tf.Tensor;
  /** The `memory` of the previous step's result; absent at the first step of a trajectory. */
  readonly memory?: SamplerMemory;
}

/** Result of a step: new tensors, the caller's to dispose of. */
export interface StepResult {
  /** The sample at `tPrev`. */
  readonly prevSample: tf.Tensor;
  /** The model's prediction of the clean sample at `t`. */
  readonly predOriginalSample: tf.Tensor;
  /** Input of the next step; absent for single-step samplers. */
  readonly memory?: SamplerMemory;
}

/**
 * Adds noise in training and removes it step by step in sampling. It is stateless, so one instance can serve
 * all requests. Timesteps increase with noise, up to `numTrainTimesteps`: in rectified flow from 0 (clean);
 * in the DDPM family 0 is slightly noisy, and the clean sample is at -1. The methods on tensors use plain
 * TensorFlow.js operations, so they can be compiled.
 */
export interface NoiseScheduler {
  readonly specificationVersion: 'v1';
  /** Name of the algorithm, for reports. */
  readonly name: string;
  /**
   * Config of the scheduler in a checkpoint, from which a factory of its `type` (`createNoiseScheduler` for
   * those of this package) recreates it. Without it, a checkpoint can only be loaded with its recipe.
   */
  readonly config?: NoiseSchedulerConfig;
  readonly predictionType: PredictionType;
  /**
   * Name of the noising process: for schedulers with equal processes and `numTrainTimesteps`, timesteps mean
   * the same. A model trained with one can be sampled with the other if their prediction types are equal.
   */
  readonly process: string;
  /** Number of training timesteps; 1000 in the papers. */
  readonly numTrainTimesteps: number;
  /** True if `step` needs noise. */
  readonly stochastic: boolean;
  /** Samples training timesteps up to `maxTimestep` (defaults to `numTrainTimesteps`): [count]. */
  sampleTimesteps(count: number, rng: Rng, options?: { readonly maxTimestep?: number }): Float32Array;
  /** Returns the loss weights at these timesteps; 1 by default. */
  lossWeights(timesteps: Float32Array): Float32Array;
  /** Returns α and σ at a timestep, the scales of {@link addNoise}, in at least float32 precision. */
  noiseLevelAt(timestep: number): NoiseLevel;
  /** Adds noise [N, ...L] to samples [N, ...L] at timesteps [N]. */
  addNoise(sample: tf.Tensor, noise: tf.Tensor, timesteps: tf.Tensor1D): tf.Tensor;
  /** Returns the model's target for these samples, noise and timesteps: [N, ...L]. */
  target(sample: tf.Tensor, noise: tf.Tensor, timesteps: tf.Tensor1D): tf.Tensor;
  /** Lists the steps of a trajectory, noisiest first; each takes one model call. */
  timesteps(numInferenceSteps: number): readonly InferenceStep[];
  /** Takes one step: from the sample at `at.t` and the model's output for it to the sample at `at.tPrev`. */
  step(modelOutput: tf.Tensor, at: InferenceStep, sample: tf.Tensor, options?: StepOptions): StepResult;
}
