/** The common part of `ddpm`, `ddim` and `dpmSolverPlusPlus`: noise schedule and training. */
import * as tf from '@transfusion/tfjs';
import { checkOneOf, checkPositive, checkSameShape } from './check-arguments.js';
import type { LossWeighting } from './loss-weighting.js';
import { createNoiseSchedule, noiseLevelAt, type NoiseScheduleOptions } from './noise-schedule.js';
import type { InferenceStep, NoiseLevel } from './noise-scheduler.js';
import { originalSampleOf } from './prediction.js';
import { checkIndexStep, type TimestepSpacing } from './timestep-spacing.js';
import { trainingProcess, type TrainingProcess } from './training-process.js';

/**
 * Options of the diffusion samplers. Samplers with the same noise schedule and prediction type are
 * interchangeable: train with one, sample with another.
 */
export interface DiffusionOptions extends NoiseScheduleOptions {
  /** Defaults to `epsilon`. */
  readonly predictionType?: 'epsilon' | 'sample' | 'v_prediction';
  /** Clips predicted clean samples to ±`clipSample`, for data of a known range such as pixels. */
  readonly clipSample?: number;
  /** Defaults to `leading`. */
  readonly timestepSpacing?: TimestepSpacing;
  /** Defaults to `uniform`. */
  readonly lossWeighting?: LossWeighting;
}

/** The common part of a diffusion sampler. */
export interface DiffusionProcess {
  readonly training: TrainingProcess;
  /** The options of its `NoiseSchedulerConfig`, without the `type`. */
  readonly config: Readonly<Record<string, string | number>>;
  readonly predictionType: 'epsilon' | 'sample' | 'v_prediction';
  readonly timestepSpacing: TimestepSpacing;
  /** Returns α and σ at a timestep; 1 and 0 at -1. */
  noiseLevelAt(timestep: number): NoiseLevel;
  /**
   * Computes the predicted clean sample from the model's output, clipped if configured; validates the
   * arguments.
   */
  originalSample(modelOutput: tf.Tensor, at: InferenceStep, sample: tf.Tensor): tf.Tensor;
}

/**
 * Creates the common part of a diffusion sampler from its options.
 *
 * @param where name of the sampler in error messages
 * @throws TransfusionError `invalid-argument` for options out of range
 */
export function diffusionProcess(where: string, options: DiffusionOptions): DiffusionProcess {
  const { numTrainTimesteps = 1000, betaSchedule = 'cosine', betaStart = 0.0001, betaEnd = 0.02 } = options;
  const { predictionType = 'epsilon', clipSample, timestepSpacing = 'leading', lossWeighting } = options;
  checkOneOf(where, 'predictionType', predictionType, ['epsilon', 'sample', 'v_prediction']);
  checkOneOf(where, 'timestepSpacing', timestepSpacing, ['leading', 'trailing', 'linspace']);
  if (clipSample !== undefined) checkPositive(where, 'clipSample', clipSample);

  const schedule = createNoiseSchedule({ numTrainTimesteps, betaSchedule, betaStart, betaEnd });
  const { alphasCumprod } = schedule;
  const alphas = Float32Array.from(alphasCumprod, Math.sqrt);
  const sigmas = Float32Array.from(alphasCumprod, (alphaCumprod) => Math.sqrt(1 - alphaCumprod));

  const training = trainingProcess({
    predictionType,
    process: schedule.name,
    numTrainTimesteps,
    lossWeighting,
    sampleTimesteps: (count, rng, maxTimestep) =>
      Float32Array.from({ length: count }, () => rng.integer(Math.ceil(maxTimestep))),
    noiseLevelAt: (t) => noiseLevelAt(schedule, t),
    noiseLevelsAt: (timesteps) => {
      const indices = tf.cast(timesteps, 'int32');
      return {
        alpha: tf.gather(tf.tensor1d(alphas), indices),
        sigma: tf.gather(tf.tensor1d(sigmas), indices),
      };
    },
  });

  return {
    training,
    config: {
      numTrainTimesteps,
      betaSchedule,
      ...(betaSchedule === 'cosine' ? {} : { betaStart, betaEnd }),
      predictionType,
      timestepSpacing,
      ...(clipSample === undefined ? {} : { clipSample }),
    },
    predictionType,
    timestepSpacing,
    noiseLevelAt: (t) => noiseLevelAt(schedule, t),
    originalSample(modelOutput, at, sample) {
      checkIndexStep(where, at, numTrainTimesteps);
      checkSameShape(where, ["model's output", modelOutput], ['sample', sample]);
      const original = originalSampleOf(predictionType, modelOutput, sample, noiseLevelAt(schedule, at.t));
      return clipSample === undefined ? original : tf.clipByValue(original, -clipSample, clipSample);
    },
  };
}
