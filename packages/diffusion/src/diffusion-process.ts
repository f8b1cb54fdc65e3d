/** What `ddpm`, `ddim` and `dpmSolverPlusPlus` share: the noise schedule, and training on it. */
import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositive, checkSameShape } from './check-arguments.js';
import type { LossWeighting } from './loss-weighting.js';
import { createNoiseSchedule, noiseLevelAt, type NoiseScheduleOptions } from './noise-schedule.js';
import type { InferenceStep } from './noise-scheduler.js';
import { originalSampleOf, type NoiseLevel } from './prediction.js';
import { checkIndexStep, type TimestepSpacing } from './timestep-spacing.js';
import { trainingProcess, type TrainingProcess } from './training-process.js';

/**
 * Options of the samplers of diffusion. Samplers made with the same noise schedule and prediction type
 * are interchangeable: train with one, sample with another.
 */
export interface DiffusionOptions extends NoiseScheduleOptions {
  /** `epsilon` unless given. */
  readonly predictionType?: 'epsilon' | 'sample' | 'v_prediction';
  /** Clips predicted clean samples to ±`clipSample`; for data of a known range, such as pixels. */
  readonly clipSample?: number;
  /** `leading` unless given. */
  readonly timestepSpacing?: TimestepSpacing;
  /** `uniform` unless given. */
  readonly lossWeighting?: LossWeighting;
}

/** The shared part, resolved. */
export interface DiffusionProcess {
  readonly training: TrainingProcess;
  readonly predictionType: 'epsilon' | 'sample' | 'v_prediction';
  readonly timestepSpacing: TimestepSpacing;
  noiseLevelAt(t: number): NoiseLevel;
  /** The clean sample (clipped, if so chosen) that the model's output means; checks the arguments of a step. */
  originalSample(modelOutput: tf.Tensor, at: InferenceStep, sample: tf.Tensor): tf.Tensor;
}

/** @param where the sampler's name, for messages */
export function diffusionProcess(where: string, options: DiffusionOptions): DiffusionProcess {
  const { predictionType = 'epsilon', clipSample, timestepSpacing = 'leading', lossWeighting } = options;
  checkOneOf(where, 'predictionType', predictionType, ['epsilon', 'sample', 'v_prediction']);
  checkOneOf(where, 'timestepSpacing', timestepSpacing, ['leading', 'trailing', 'linspace']);
  if (clipSample !== undefined) checkPositive(where, 'clipSample', clipSample);

  const schedule = createNoiseSchedule(options);
  const { numTrainTimesteps, alphasCumprod } = schedule;
  const alphas = Float32Array.from(alphasCumprod, Math.sqrt);
  const sigmas = Float32Array.from(alphasCumprod, (alphaCumprod) => Math.sqrt(1 - alphaCumprod));

  const training = trainingProcess({
    predictionType,
    process: schedule.name,
    numTrainTimesteps,
    lossWeighting,
    drawTimesteps: (count, rng, maxTimestep) =>
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
