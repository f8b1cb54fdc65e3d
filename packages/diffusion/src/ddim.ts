/** Song, Meng & Ermon 2021, "Denoising diffusion implicit models", equation 12. */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { checkInteger, requireNoise } from './check-arguments.js';
import { diffusionProcess, type DiffusionOptions } from './diffusion-process.js';
import type { NoiseScheduler } from './noise-scheduler.js';
import { noiseOf } from './prediction.js';
import { spacedTimesteps, stepsThrough } from './timestep-spacing.js';

/** Options of {@link ddim}. */
export interface DdimOptions extends DiffusionOptions {
  /** Amount of fresh noise per step: from 0 (deterministic, the default) to 1 (as much as `ddpm`). */
  readonly eta?: number;
}

/**
 * Creates a sampler that is deterministic with the default `eta` of 0, over the same noise levels as `ddpm`;
 * works well from a few dozen steps on. Clipping applies to the predicted sample only, not to the predicted
 * noise.
 *
 * @throws TransfusionError `invalid-argument` for options, timesteps or counts out of range, and for missing
 *   noise
 */
export function ddim(options: DdimOptions = {}): NoiseScheduler {
  const { eta = 0 } = options;
  if (!(eta >= 0 && eta <= 1)) {
    throw new TransfusionError('invalid-argument', `ddim: eta is ${eta}, expected a number from 0 to 1.`);
  }
  const { training, config, predictionType, timestepSpacing, noiseLevelAt, originalSample } =
    diffusionProcess('ddim', options);
  const { numTrainTimesteps } = training;
  return {
    ...training,
    name: 'ddim',
    config: { type: 'ddim', ...config, eta },
    stochastic: eta > 0,
    timesteps(numInferenceSteps) {
      checkInteger('ddim', 'numInferenceSteps', numInferenceSteps, 1, numTrainTimesteps);
      return stepsThrough(spacedTimesteps(timestepSpacing, numInferenceSteps, numTrainTimesteps), -1);
    },
    step: (modelOutput, at, sample, { noise } = {}) =>
      tf.tidy(() => {
        const predOriginalSample = originalSample(modelOutput, at, sample);
        const now = noiseLevelAt(at.t);
        const prev = noiseLevelAt(at.tPrev);
        const stddev = eta * (prev.sigma / now.sigma) * Math.sqrt(1 - (now.alpha / prev.alpha) ** 2);
        const prevSample = tf.add(
          tf.mul(predOriginalSample, prev.alpha),
          tf.mul(noiseOf(predictionType, modelOutput, sample, now), Math.sqrt(prev.sigma ** 2 - stddev ** 2)),
        );
        if (stddev === 0) return { prevSample, predOriginalSample };
        return {
          prevSample: tf.add(prevSample, tf.mul(requireNoise('ddim', noise, sample), stddev)),
          predOriginalSample,
        };
      }),
  };
}
