/**
 * The common part of `flowEuler` and `flowHeun`: straight lines from sample to noise (Liu et al. 2023, "Flow
 * straight and fast"; Lipman et al. 2023), x = (1 - σ)·x0 + σ·noise. A timestep is σ · `numTrainTimesteps`, a
 * real number from 0 (clean) up.
 */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type { Rng } from '@transfusion/nn';
import { checkOneOf, checkPositive, checkSameShape, checkInteger } from './check-arguments.js';
import type { LossWeighting } from './loss-weighting.js';
import type { InferenceStep, NoiseLevel } from './noise-scheduler.js';
import { originalSampleOf } from './prediction.js';
import { trainingProcess, type TrainingProcess } from './training-process.js';

/** Samples `count` noise levels σ from 0 to 1 for training. */
export type SigmaDistribution = (count: number, rng: Rng) => ArrayLike<number>;

/** Options of the rectified flow samplers. */
export interface FlowOptions {
  /** Defaults to 1000. */
  readonly numTrainTimesteps?: number;
  /** Defaults to `flow`, the velocity noise - x0. `sample` suits pixels: Li & He 2025. */
  readonly predictionType?: 'flow' | 'sample';
  /**
   * Timestep shift: above 1, both training and sampling use more of the noisy timesteps, as suits large
   * images (Esser et al. 2024, equation 23). Defaults to 1.
   */
  readonly shift?: number;
  /** Distribution of the training noise levels, before `shift`; defaults to uniform. */
  readonly trainingSigmas?: SigmaDistribution;
  /** Clips predicted clean samples to ±`clipSample`, for data of a known range such as pixels. */
  readonly clipSample?: number;
  /** Defaults to `uniform`. */
  readonly lossWeighting?: LossWeighting;
}

/**
 * Creates the logit-normal distribution of noise levels (Esser et al. 2024, section 3.1), which favors
 * intermediate levels, where there is most to learn. A mean above 0 favors noisier ones.
 */
export function logitNormal(mean = 0, stddev = 1): SigmaDistribution {
  return (count, rng) => rng.normals(count).map((normal) => 1 / (1 + Math.exp(-(mean + stddev * normal))));
}

/** The common part of a rectified flow sampler. */
export interface RectifiedFlow {
  readonly training: TrainingProcess;
  /** The options of its `NoiseSchedulerConfig`, without the `type`. */
  readonly config: Readonly<Record<string, string | number>>;
  /** Lists `numInferenceSteps` + 1 timesteps from the noisiest down to 0. */
  timestepsDown(numInferenceSteps: number): readonly number[];
  /**
   * Computes the predicted clean sample from the model's output, clipped if configured; validates the
   * arguments.
   */
  originalSample(modelOutput: tf.Tensor, at: InferenceStep, sample: tf.Tensor): tf.Tensor;
}

/**
 * Creates the common part of a rectified flow sampler from its options.
 *
 * @param where name of the sampler in error messages
 * @throws TransfusionError `invalid-argument` for options out of range
 */
export function rectifiedFlow(
  where: string,
  {
    numTrainTimesteps = 1000,
    predictionType = 'flow',
    shift = 1,
    trainingSigmas = (count, rng) => rng.uniforms(count),
    clipSample,
    lossWeighting,
  }: FlowOptions,
): RectifiedFlow {
  checkInteger(where, 'numTrainTimesteps', numTrainTimesteps, 1, 1_000_000);
  checkOneOf(where, 'predictionType', predictionType, ['flow', 'sample']);
  checkPositive(where, 'shift', shift);
  if (clipSample !== undefined) checkPositive(where, 'clipSample', clipSample);

  const shiftSigma = (sigma: number): number => (shift * sigma) / (1 + (shift - 1) * sigma);
  const exactLevelAt = (t: number): NoiseLevel => ({
    alpha: 1 - t / numTrainTimesteps,
    sigma: t / numTrainTimesteps,
  });

  const training = trainingProcess({
    predictionType,
    // Excludes `shift`, which changes the timesteps visited but not their meaning.
    process: 'rectified-flow',
    numTrainTimesteps,
    lossWeighting,
    sampleTimesteps: (count, rng, maxTimestep) =>
      Float32Array.from(trainingSigmas(count, rng), (sigma) => shiftSigma(sigma) * maxTimestep),
    noiseLevelAt: exactLevelAt,
    noiseLevelsAt: (timesteps) => {
      const sigma = tf.div(timesteps, numTrainTimesteps);
      return { alpha: tf.sub(1, sigma), sigma };
    },
  });

  return {
    training: {
      ...training,
      // In float32, as `addNoise` computes; loss weights and steps use exact levels.
      noiseLevelAt: (t) => {
        const sigma = Math.fround(Math.fround(t) / numTrainTimesteps);
        return { alpha: Math.fround(1 - sigma), sigma };
      },
    },
    config: {
      numTrainTimesteps,
      predictionType,
      shift,
      ...(clipSample === undefined ? {} : { clipSample }),
    },
    timestepsDown(numInferenceSteps) {
      checkInteger(where, 'numInferenceSteps', numInferenceSteps, 1, numTrainTimesteps);
      return Array.from(
        { length: numInferenceSteps + 1 },
        (_, i) => shiftSigma(1 - i / numInferenceSteps) * numTrainTimesteps,
      );
    },
    originalSample(modelOutput, at, sample) {
      checkFlowStep(where, at, numTrainTimesteps);
      checkSameShape(where, ["model's output", modelOutput], ['sample', sample]);
      const original = originalSampleOf(predictionType, modelOutput, sample, exactLevelAt(at.t));
      return clipSample === undefined ? original : tf.clipByValue(original, -clipSample, clipSample);
    },
  };
}

function checkFlowStep(where: string, { t, tPrev }: InferenceStep, numTrainTimesteps: number): void {
  if (t > 0 && t <= numTrainTimesteps && tPrev >= 0 && tPrev <= t) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: found a step from t = ${t} to tPrev = ${tPrev}, expected 0 <= tPrev <= t <= ${numTrainTimesteps} and t > 0. Use the steps of timesteps(numInferenceSteps).`,
  );
}
