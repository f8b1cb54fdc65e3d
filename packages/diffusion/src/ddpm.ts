/** Ancestral sampling of Ho, Jain & Abbeel 2020, "Denoising diffusion probabilistic models". */
import * as tf from '@transfusion/tfjs';
import { checkInteger, requireNoise } from './check-arguments.js';
import { diffusionProcess, type DiffusionOptions } from './diffusion-process.js';
import type { NoiseScheduler } from './noise-scheduler.js';
import { spacedTimesteps, stepsThrough } from './timestep-spacing.js';

/**
 * Creates a stochastic sampler that adds fresh noise at each step (equation 7, with the smaller of the two
 * variances of section 3.2, β̃). Needs hundreds of steps. The final step, to the clean sample, adds no noise.
 *
 * @throws TransfusionError `invalid-argument` for options, timesteps or counts out of range, and for missing
 *   noise
 */
export function ddpm(options: DiffusionOptions = {}): NoiseScheduler {
  const { training, config, timestepSpacing, noiseLevelAt, originalSample } = diffusionProcess(
    'ddpm',
    options,
  );
  const { numTrainTimesteps } = training;
  return {
    ...training,
    name: 'ddpm',
    config: { type: 'ddpm', ...config },
    stochastic: true,
    timesteps(numInferenceSteps) {
      checkInteger('ddpm', 'numInferenceSteps', numInferenceSteps, 1, numTrainTimesteps);
      return stepsThrough(spacedTimesteps(timestepSpacing, numInferenceSteps, numTrainTimesteps), -1);
    },
    step: (modelOutput, at, sample, { noise } = {}) =>
      tf.tidy(() => {
        const predOriginalSample = originalSample(modelOutput, at, sample);
        const now = noiseLevelAt(at.t);
        const prev = noiseLevelAt(at.tPrev);
        const alphaStep = now.alpha / prev.alpha;
        const beta = 1 - alphaStep ** 2;
        const mean = tf.add(
          tf.mul(predOriginalSample, (prev.alpha * beta) / now.sigma ** 2),
          tf.mul(sample, (alphaStep * prev.sigma ** 2) / now.sigma ** 2),
        );
        if (at.tPrev < 0) return { prevSample: mean, predOriginalSample };
        const stddev = (prev.sigma / now.sigma) * Math.sqrt(beta);
        const prevSample = tf.add(mean, tf.mul(requireNoise('ddpm', noise, sample), stddev));
        return { prevSample, predOriginalSample };
      }),
  };
}
