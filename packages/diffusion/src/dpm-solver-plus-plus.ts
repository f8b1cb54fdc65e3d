/**
 * Lu et al. 2022, "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models": the
 * second-order multistep solver (2M, algorithm 2), which extrapolates from two predictions of the clean
 * sample. λ = ln(α / σ) takes the role of time.
 */
import * as tf from '@transfusion/tfjs';
import { checkInteger, requireMemory } from './check-arguments.js';
import { diffusionProcess, type DiffusionOptions } from './diffusion-process.js';
import type { NoiseLevel, NoiseScheduler } from './noise-scheduler.js';
import { spacedTimesteps, stepsThrough } from './timestep-spacing.js';

/**
 * Creates a deterministic sampler for few steps (10 to 25). `memory` holds the prediction of the previous
 * step. The first step, without memory, and the last are first-order, like DDIM's.
 *
 * @throws TransfusionError `invalid-argument` for options, timesteps or counts out of range, and for the
 *   memory of a different sampler
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
      checkInteger(name, 'numInferenceSteps', numInferenceSteps, 1, numTrainTimesteps);
      // The final step goes from the last listed timestep directly to the clean sample, so timestep 0 is
      // omitted, unless all timesteps are visited.
      const isWhole = timestepSpacing === 'trailing' || numInferenceSteps === numTrainTimesteps;
      const spacing = isWhole ? 'trailing' : timestepSpacing;
      const timesteps = spacedTimesteps(spacing, numInferenceSteps + (isWhole ? 0 : 1), numTrainTimesteps);
      return stepsThrough(timesteps.slice(0, numInferenceSteps), -1);
    },
    step: (modelOutput, at, sample, { memory } = {}) =>
      tf.tidy(() => {
        const predOriginalSample = originalSample(modelOutput, at, sample);
        // The final step removes all noise: at any order, the result is the prediction.
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
