import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type { Rng } from '@transfusion/nn';
import { checkSameShape } from './check-arguments.js';
import { uniform, type LossWeighting } from './loss-weighting.js';
import type { NoiseLevel, NoiseScheduler, PredictionType } from './noise-scheduler.js';
import { predictionTarget, type NoiseLevels } from './prediction.js';

/** The part of a noise scheduler for training, which all samplers of a family have in common. */
export type TrainingProcess = Pick<
  NoiseScheduler,
  | 'specificationVersion'
  | 'predictionType'
  | 'process'
  | 'numTrainTimesteps'
  | 'sampleTimesteps'
  | 'lossWeights'
  | 'noiseLevelAt'
  | 'addNoise'
  | 'target'
>;

/** A family of samplers with the same noising process. */
export interface NoiseFamily {
  readonly predictionType: PredictionType;
  /** See {@link NoiseScheduler.process}. */
  readonly process: string;
  readonly numTrainTimesteps: number;
  /** Defaults to `uniform`. */
  readonly lossWeighting?: LossWeighting;
  /** Samples training timesteps up to (diffusion: below) `maxTimestep`. */
  sampleTimesteps(count: number, rng: Rng, maxTimestep: number): Float32Array;
  /** Returns α and σ at a timestep. */
  noiseLevelAt(timestep: number): NoiseLevel;
  /** Computes the same with tensor operations: [N] -> [N] each. */
  noiseLevelsAt(timesteps: tf.Tensor1D): NoiseLevels;
}

/** Creates noising, targets and loss weights from the noise levels of a family. */
export function trainingProcess(family: NoiseFamily): TrainingProcess {
  const { predictionType, process, numTrainTimesteps, lossWeighting = uniform } = family;

  function levelsFor(
    where: string,
    sample: tf.Tensor,
    noise: tf.Tensor,
    timesteps: tf.Tensor1D,
  ): NoiseLevels {
    checkSameShape(where, ['noise', noise], ['sample', sample]);
    if (timesteps.rank !== 1 || timesteps.shape[0] !== sample.shape[0]) {
      throw new TransfusionError(
        'mismatch',
        `${where}: the timesteps have the shape [${timesteps.shape}], expected [${sample.shape[0]}]: one per sample.`,
      );
    }
    const { alpha, sigma } = family.noiseLevelsAt(timesteps);
    const broadcastShape = [sample.shape[0], ...sample.shape.slice(1).map(() => 1)];
    return { alpha: tf.reshape(alpha, broadcastShape), sigma: tf.reshape(sigma, broadcastShape) };
  }

  return {
    specificationVersion: 'v1',
    predictionType,
    process,
    numTrainTimesteps,
    sampleTimesteps(count, rng, { maxTimestep = numTrainTimesteps } = {}) {
      if (!(maxTimestep > 0 && maxTimestep <= numTrainTimesteps)) {
        throw new TransfusionError(
          'invalid-argument',
          `sampleTimesteps: maxTimestep is ${maxTimestep}, expected a positive number up to ${numTrainTimesteps}.`,
        );
      }
      return family.sampleTimesteps(count, rng, maxTimestep);
    },
    noiseLevelAt: (timestep) => family.noiseLevelAt(timestep),
    lossWeights: (timesteps) => timesteps.map((t) => lossWeighting(family.noiseLevelAt(t), predictionType)),
    addNoise: (sample, noise, timesteps) =>
      tf.tidy(() => {
        const { alpha, sigma } = levelsFor('addNoise', sample, noise, timesteps);
        return tf.add(tf.mul(alpha, sample), tf.mul(sigma, noise));
      }),
    target: (sample, noise, timesteps) =>
      tf.tidy(() =>
        predictionTarget(predictionType, sample, noise, levelsFor('target', sample, noise, timesteps)),
      ),
  };
}
