import type * as tf from '@tensorflow/tfjs';
import type { Rng } from '@transfusion/nn';

/**
 * The quantity that a model is trained to predict: the noise, the clean sample, the mixture `α·noise - σ·sample`
 * (Salimans & Ho 2022), or, for rectified flow, `noise - sample` (Liu et al. 2023).
 */
export type PredictionType = 'epsilon' | 'sample' | 'v_prediction' | 'flow';

/** One step of a trajectory from noise to sample. */
export interface InferenceStep {
  /** The timestep the sample is at, and the model is told. */
  readonly t: number;
  /** The timestep it moves to: below `t`, or `t` itself for a step that corrects the one before (Heun). */
  readonly tPrev: number;
}

/**
 * The share of the sample (α) and of the noise (σ) in x = α·x0 + σ·ε. Diffusion keeps α² + σ² = 1, rectified
 * flow α + σ = 1.
 */
export interface NoiseLevel {
  readonly alpha: number;
  readonly sigma: number;
}

/**
 * Plain JSON from which a scheduler can be made again for sampling: its `type` and options. How training weights
 * and samples timesteps is not part of it: that belongs to the recipe.
 */
export interface NoiseSchedulerConfig {
  readonly type: string;
  readonly [option: string]: string | number;
}

/** Tensors that a sampler needs again at its next step (an earlier prediction, say). */
export type SamplerMemory = Readonly<Record<string, tf.Tensor>>;

/** Inputs of a step besides the model's output. */
export interface StepOptions {
  /** Standard normal noise of the sample's shape; needed by samplers whose `stochastic` is true. */
  readonly noise?: tf.Tensor;
  /** The `memory` of the previous step's result; absent at the first step of a trajectory. */
  readonly memory?: SamplerMemory;
}

/** New tensors, the caller's to dispose of. */
export interface StepResult {
  /** The sample at `tPrev`. */
  readonly prevSample: tf.Tensor;
  /** The model's prediction of the clean sample at `t`. */
  readonly predOriginalSample: tf.Tensor;
  /** Goes to the next step; absent for samplers that look at one step only. */
  readonly memory?: SamplerMemory;
}

/**
 * Adds noise in training, and removes it step by step in sampling. It holds no state: one instance serves
 * every request at once. Timesteps grow with the noise, up to `numTrainTimesteps`: from 0 (clean) for
 * rectified flow; for the DDPM family 0 is slightly noisy, and the clean sample is at -1. The methods on
 * tensors are plain TensorFlow.js operations, so they can be compiled.
 */
export interface NoiseScheduler {
  readonly specificationVersion: 'v1';
  /** The algorithm's name, for reports. */
  readonly name: string;
  /**
   * Describes the scheduler in a checkpoint, from which a factory of its `type` (`createNoiseScheduler`, for those
   * of this package) makes it again. Without it, a checkpoint can only be opened with its recipe.
   */
  readonly config?: NoiseSchedulerConfig;
  readonly predictionType: PredictionType;
  /**
   * Names how noise is mixed in: of two schedulers with equal names and `numTrainTimesteps`, a timestep
   * means the same. What is trained with one can be sampled with the other if they predict the same.
   */
  readonly process: string;
  /** 1000 in the papers. */
  readonly numTrainTimesteps: number;
  /** True if `step` needs noise. */
  readonly stochastic: boolean;
  /** Samples timesteps to train at, up to `maxTimestep` (defaults to all): [count]. */
  sampleTimesteps(count: number, rng: Rng, options?: { readonly maxTimestep?: number }): Float32Array;
  /** Weights of the loss at these timesteps; 1 unless a weighting was chosen. */
  lossWeights(timesteps: Float32Array): Float32Array;
  /** Returns α and σ at a timestep: what {@link addNoise} multiplies sample and noise with, in float32 at least. */
  noiseLevelAt(timestep: number): NoiseLevel;
  /** Mixes noise [N, ...L] into the sample [N, ...L] at timesteps [N]. */
  addNoise(sample: tf.Tensor, noise: tf.Tensor, timesteps: tf.Tensor1D): tf.Tensor;
  /** Returns what the model should predict for that sample, noise and timestep: [N, ...L]. */
  target(sample: tf.Tensor, noise: tf.Tensor, timesteps: tf.Tensor1D): tf.Tensor;
  /** Lists the steps of a trajectory, noisiest first; each calls the model once. */
  timesteps(numInferenceSteps: number): readonly InferenceStep[];
  /** Takes one step: from the sample at `at.t` and the model's output for it to the sample at `at.tPrev`. */
  step(modelOutput: tf.Tensor, at: InferenceStep, sample: tf.Tensor, options?: StepOptions): StepResult;
}
