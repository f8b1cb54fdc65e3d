/**
 * Lu et al. 2022, "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models":
 * the multistep solver of second order (2M, algorithm 2), which extrapolates from two predictions of
 * the clean sample. λ = ln(α / σ) plays the part of time.
 */
import * as tf from '@tensorflow/tfjs';
import { checkInteger, requireMemory } from './check-arguments.js';
import { diffusionProcess, type DiffusionOptions } from './diffusion-process.js';
import type { NoiseLevel, NoiseScheduler } from './noise-scheduler.js';
import { spacedTimesteps, stepsThrough } from './timestep-spacing.js';

/**
 * A deterministic sampler for few steps: 10 to 25. `memory` carries the prediction of the step before.
 * The first step, which has none, and the last are of first order, as DDIM's.
 *
 * @throws TransfusionError `invalid-argument` for options, timesteps or counts out of range, and for the
 * memory of another sampler.
 */
export function dpmSolverPlusPlus(options: DiffusionOptions = {}): NoiseScheduler {
  const name = 'dpm-solver++';
  const { training, config, timestepSpacing, noiseLevelAt, originalSample } = diffusionProcess(name, options);
  const { numTrainTimesteps } = training;
  return {
    ...training,
    name,
    config: { type: name, ...config },
    stochastic: false,
    timesteps(numInferenceSteps) {
      checkInteger(name, 'numInferenceSteps', numInferenceSteps, 1, numTrainTimesteps - 1);
      // The last step leads far: the end of the list that lies at 0 is left out.
      const count = timestepSpacing === 'trailing' ? numInferenceSteps : numInferenceSteps + 1;
      const timesteps = spacedTimesteps(timestepSpacing, count, numTrainTimesteps);
      return stepsThrough(timesteps.slice(0, numInferenceSteps), -1);
    },
    step: (modelOutput, at, sample, { memory } = {}) =>
      tf.tidy(() => {
        const predOriginalSample = originalSample(modelOutput, at, sample);
        // All noise goes: whatever the order, the prediction is what remains.
        if (at.tPrev < 0) return { prevSample: tf.clone(predOriginalSample), predOriginalSample };

        const now = noiseLevelAt(at.t);
        const prev = noiseLevelAt(at.tPrev);
        const lambda = lambdaOf(now);
        const h = lambdaOf(prev) - lambda;
        let extrapolated = predOriginalSample;
        if (memory !== undefined) {
          const change = tf.sub(predOriginalSample, requireMemory(name, memory, 'predOriginalSample'));
          const span = tf.sub(lambda, requireMemory(name, memory, 'lambda'));
          extrapolated = tf.add(predOriginalSample, tf.mul(change, tf.div(h / 2, span)));
        }
        return {
          prevSample: tf.add(
            tf.mul(sample, prev.sigma / now.sigma),
            tf.mul(extrapolated, -prev.alpha * Math.expm1(-h)),
          ),
          predOriginalSample,
          memory: { predOriginalSample: tf.clone(predOriginalSample), lambda: tf.scalar(lambda) },
        };
      }),
  };
}

function lambdaOf({ alpha, sigma }: NoiseLevel): number {
  return Math.log(alpha / sigma);
}
