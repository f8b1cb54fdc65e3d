/**
 * What `flowEuler` and `flowHeun` share: straight lines from the sample to noise (Liu et al. 2023,
 * "Flow straight and fast"; Lipman et al. 2023), x = (1 - σ)·x0 + σ·noise. A timestep is
 * σ · `numTrainTimesteps`, any number from 0 (clean) on.
 */
import * as tf from '@tensorflow/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type { Rng } from '@transfusion/nn';
import { checkOneOf, checkPositive, checkSameShape, checkWhole } from './check-arguments.js';
import type { LossWeighting } from './loss-weighting.js';
import type { InferenceStep } from './noise-scheduler.js';
import { originalSampleOf } from './prediction.js';
import { trainingProcess, type TrainingProcess } from './training-process.js';

/** Draws `count` noise levels σ from 0 to 1 for training. */
export type SigmaDistribution = (count: number, rng: Rng) => ArrayLike<number>;

/** Options of the samplers of rectified flow. */
export interface FlowOptions {
  /** 1000 unless given. */
  readonly numTrainTimesteps?: number;
  /** `flow`, the velocity noise - x0, unless given. `sample` suits pixels: Li & He 2025. */
  readonly predictionType?: 'flow' | 'sample';
  /**
   * Above 1, more timesteps are noisy ones, in training and in sampling; for large images (Esser et al.
   * 2024, equation 23). 1 unless given.
   */
  readonly shift?: number;
  /** Which noise levels training sees: all alike unless given. Comes before `shift`. */
  readonly trainingSigmas?: SigmaDistribution;
  /** Clips predicted clean samples to ±`clipSample`; for data of a known range, such as pixels. */
  readonly clipSample?: number;
  /** `uniform` unless given. */
  readonly lossWeighting?: LossWeighting;
}

/**
 * Noise levels whose logit is normal (Esser et al. 2024, section 3.1): mostly the middle ones, where
 * there is most to learn. A mean above 0 favors noise.
 */
export function logitNormal(mean = 0, stddev = 1): SigmaDistribution {
  return (count, rng) => rng.normals(count).map((normal) => 1 / (1 + Math.exp(-(mean + stddev * normal))));
}

/** The shared part, resolved. */
export interface RectifiedFlow {
  readonly training: TrainingProcess;
  /** `numInferenceSteps` + 1 timesteps from the noisiest down to 0. */
  timestepsDown(numInferenceSteps: number): readonly number[];
  /** The clean sample (clipped, if so chosen) that the model's output means; checks the arguments of a step. */
  originalSample(modelOutput: tf.Tensor, at: InferenceStep, sample: tf.Tensor): tf.Tensor;
}

/** @param where the sampler's name, for messages */
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
  checkWhole(where, 'numTrainTimesteps', numTrainTimesteps, 1, 1_000_000);
  checkOneOf(where, 'predictionType', predictionType, ['flow', 'sample']);
  checkPositive(where, 'shift', shift);
  if (clipSample !== undefined) checkPositive(where, 'clipSample', clipSample);

  const shifted = (sigma: number): number => (shift * sigma) / (1 + (shift - 1) * sigma);
  const noiseLevelAt = (t: number) => ({ alpha: 1 - t / numTrainTimesteps, sigma: t / numTrainTimesteps });

  const training = trainingProcess({
    predictionType,
    // Without `shift`: it decides which timesteps are visited, not what one means.
    process: 'rectified-flow',
    numTrainTimesteps,
    lossWeighting,
    drawTimesteps: (count, rng, maxTimestep) =>
      Float32Array.from(trainingSigmas(count, rng), (sigma) => shifted(sigma) * maxTimestep),
    noiseLevelAt,
    noiseLevelsAt: (timesteps) => {
      const sigma = tf.div(timesteps, numTrainTimesteps);
      return { alpha: tf.sub(1, sigma), sigma };
    },
  });

  return {
    training,
    timestepsDown(numInferenceSteps) {
      checkWhole(where, 'numInferenceSteps', numInferenceSteps, 1, numTrainTimesteps);
      return Array.from(
        { length: numInferenceSteps + 1 },
        (_, i) => shifted(1 - i / numInferenceSteps) * numTrainTimesteps,
      );
    },
    originalSample(modelOutput, at, sample) {
      checkFlowStep(where, at, numTrainTimesteps);
      checkSameShape(where, ["model's output", modelOutput], ['sample', sample]);
      const original = originalSampleOf(predictionType, modelOutput, sample, noiseLevelAt(at.t));
      return clipSample === undefined ? original : tf.clipByValue(original, -clipSample, clipSample);
    },
  };
}

function checkFlowStep(where: string, { t, tPrev }: InferenceStep, numTrainTimesteps: number): void {
  if (t > 0 && t <= numTrainTimesteps && tPrev >= 0 && tPrev <= t) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: a step from t = ${t} to tPrev = ${tPrev}, expected 0 <= tPrev <= t <= ${numTrainTimesteps} and t > 0. Take the steps from timesteps(numInferenceSteps).`,
  );
}
