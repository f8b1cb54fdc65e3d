/** Euler's method on the straight paths of rectified flow (Liu et al. 2023). */
import * as tf from '@transfusion/tfjs';
import type { NoiseScheduler } from './noise-scheduler.js';
import { rectifiedFlow, type FlowOptions } from './rectified-flow.js';
import { stepsThrough } from './timestep-spacing.js';

/**
 * Creates a deterministic sampler of rectified flow with one model call per step.
 *
 * @throws TransfusionError `invalid-argument` for options, timesteps or counts out of range
 */
export function flowEuler(options: FlowOptions = {}): NoiseScheduler {
  const { training, config, timestepsDown, originalSample } = rectifiedFlow('flow-euler', options);
  return {
    ...training,
    name: 'flow-euler',
    config: { type: 'flow-euler', ...config },
    stochastic: false,
    timesteps: (numInferenceSteps) => stepsThrough(timestepsDown(numInferenceSteps).slice(0, -1), 0),
    step: (modelOutput, at, sample) =>
      tf.tidy(() => {
        const predOriginalSample = originalSample(modelOutput, at, sample);
        // x + (σPrev - σ)·velocity with velocity = (x - x0) / σ: a point on the line from x to x0.
        const fraction = at.tPrev / at.t;
        const prevSample = tf.add(tf.mul(sample, fraction), tf.mul(predOriginalSample, 1 - fraction));
        return { prevSample, predOriginalSample };
      }),
  };
}
