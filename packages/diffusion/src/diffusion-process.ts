/** The part that `ddpm`, `ddim` and `dpmSolverPlusPlus` share: the noise schedule, and training on it. */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositive, checkSameShape } from './check-arguments.js';
import type { LossWeighting } from './loss-weighting.js';
import { createNoiseSchedule, noiseLevelAt, type NoiseScheduleOptions } from './noise-schedule.js';
import type { InferenceStep, NoiseLevel } from './noise-scheduler.js';
import { originalSampleOf } from './prediction.js';
import { checkIndexStep, type TimestepSpacing } from './timestep-spacing.js';
import { trainingProcess, type TrainingProcess } from './training-process.js';

/**
 * Options of the samplers of diffusion. Samplers made with the same noise schedule and prediction type
 * are interchangeable: train with one, sample with another.
 */
export interface DiffusionOptions extends NoiseScheduleOptions {
  /** Defaults to `epsilon`. */
  readonly predictionType?: 'epsilon' | 'sample' | 'v_prediction';
  /** Clips predicted clean samples to ±`clipSample`; for data of a known range, such as pixels. */
  readonly clipSample?: number;
  /** Defaults to `leading`. */
  readonly timestepSpacing?: TimestepSpacing;
  /** Defaults to `uniform`. */
  readonly lossWeighting?: LossWeighting;
}

/** The shared part of a sampler of diffusion. */
export interface DiffusionProcess {
  readonly training: TrainingProcess;
  /** The options as a `NoiseSchedulerConfig` holds them, without a `type`. */
  readonly config: Readonly<Record<string, string | number>>;
  readonly predictionType: 'epsilon' | 'sample' | 'v_prediction';
  readonly timestepSpacing: TimestepSpacing;
  /** Returns α and σ at a timestep; 1 and 0 at -1. */
  noiseLevelAt(timestep: number): NoiseLevel;
  /** Computes the clean sample (clipped, if so chosen) from the model's output; checks a step's arguments. */
  originalSample(modelOutput: tf.Tensor, at: InferenceStep, sample: tf.Tensor): tf.Tensor;
}

/**
 * Resolves the options of a sampler of diffusion.
 *
 * @param where the sampler's name, for messages
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
