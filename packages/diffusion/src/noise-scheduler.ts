import type * as tf from '@tensorflow/tfjs';
import type { Rng } from '@transfusion/nn';

/**
 * What a model is trained to predict: the noise, the clean sample, the mixture `α·noise - σ·sample`
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

/** What a sampler wants to see again at its next step (an earlier prediction, say). Tensors only. */
export type SamplerMemory = Readonly<Record<string, tf.Tensor>>;

/** What a step may need besides the model's output. */
export interface StepOptions {
  /** Standard normal noise of the sample's shape; needed by samplers whose `stochastic` is true. */
  readonly noise?: tf.Tensor;
  /** What the step before returned; absent at the first step of a trajectory. */
  readonly memory?: SamplerMemory;
}

/** New tensors, the caller's to dispose of. */
export interface StepResult {
  /** The sample at `tPrev`. */
  readonly prevSample: tf.Tensor;
  /** The clean sample as far as the model can tell at `t`. */
  readonly predOriginalSample: tf.Tensor;
  /** To be handed to the next step; absent for samplers that look at one step only. */
  readonly memory?: SamplerMemory;
}

/**
 * How noise is added in training, and taken away step by step in sampling. It holds no state: one
 * instance serves every request at once. Timesteps grow with the noise, up to `numTrainTimesteps`: from 0
 * (clean) for rectified flow, and as `NoiseSchedule` says for the DDPM family. The methods on
 * tensors are plain TensorFlow.js operations, so they can be compiled.
 */
export interface NoiseScheduler {
  readonly specificationVersion: 'v1';
  /** The algorithm's name, for reports. */
  readonly name: string;
  readonly predictionType: PredictionType;
  /**
   * Names how noise is mixed in: of two schedulers with equal names and `numTrainTimesteps`, a timestep
   * means the same. What is trained with one can be sampled with the other if they predict the same.
   */
  readonly process: string;
  /** 1000 in the papers. */
  readonly numTrainTimesteps: number;
  /** Whether `step` needs noise. */
  readonly stochastic: boolean;
  /** Timesteps to train at, up to `maxTimestep` (all by default): [count]. */
  sampleTimesteps(count: number, rng: Rng, options?: { readonly maxTimestep?: number }): Float32Array;
  /** How much the loss at each of these timesteps counts; 1 unless a weighting was chosen. */
  lossWeights(timesteps: Float32Array): Float32Array;
  /** The sample [N, ...L] with noise [N, ...L] mixed in at timesteps [N]. */
  addNoise(sample: tf.Tensor, noise: tf.Tensor, timesteps: tf.Tensor1D): tf.Tensor;
  /** What the model should predict for that sample, noise and timestep: [N, ...L]. */
  target(sample: tf.Tensor, noise: tf.Tensor, timesteps: tf.Tensor1D): tf.Tensor;
  /** The steps of a trajectory, noisiest first; each calls the model once. */
  timesteps(numInferenceSteps: number): readonly InferenceStep[];
  /** One step: from the sample at `at.t` and the model's output for it to the sample at `at.tPrev`. */
  step(modelOutput: tf.Tensor, at: InferenceStep, sample: tf.Tensor, options?: StepOptions): StepResult;
}
