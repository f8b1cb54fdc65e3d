/**
 * Heun's method on rectified flow: an Euler step predicts, and a second model call at its end corrects
 * (Karras et al. 2022, algorithm 1, on straight paths). The two calls are two steps of the trajectory; the
 * corrector step does not move: its `tPrev` equals its `t`.
 */
import * as tf from '@transfusion/tfjs';
import { requireMemory } from './check-arguments.js';
import type { NoiseScheduler } from './noise-scheduler.js';
import { rectifiedFlow, type FlowOptions } from './rectified-flow.js';
import { stepsThrough } from './timestep-spacing.js';

/**
 * Creates a sampler of rectified flow with two model calls per step: `timesteps(n)` has 2n - 1 entries,
 * because the last step, to the clean sample, is an Euler step. `memory` connects a prediction with its
 * correction.
 *
 * @throws TransfusionError `invalid-argument` for options, timesteps or counts out of range, and for missing
 *   memory
 */
export function flowHeun(options: FlowOptions = {}): NoiseScheduler {
  const { training, config, timestepsDown, originalSample } = rectifiedFlow('flow-heun', options);
  const { numTrainTimesteps } = training;
  return {
    ...training,
    name: 'flow-heun',
    config: { type: 'flow-heun', ...config },
    stochastic: false,
    timesteps: (numInferenceSteps) =>
      stepsThrough(timestepsDown(numInferenceSteps).slice(0, -1), 0).flatMap(({ t, tPrev }) =>
        tPrev === 0
          ? [{ t, tPrev }]
          : [
              { t, tPrev },
              { t: tPrev, tPrev },
            ],
      ),
    step: (modelOutput, at, sample, { memory } = {}) =>
      tf.tidy(() => {
        const predOriginalSample = originalSample(modelOutput, at, sample);
        const velocity = tf.div(tf.sub(sample, predOriginalSample), at.t / numTrainTimesteps);
        if (at.tPrev === at.t) {
          const halfway = requireMemory('flow-heun', memory, 'halfway');
          const halfStep = requireMemory('flow-heun', memory, 'halfStep');
          return { prevSample: tf.add(halfway, tf.mul(velocity, halfStep)), predOriginalSample };
        }
        const halfStep = (at.tPrev - at.t) / numTrainTimesteps / 2;
        const halfway = tf.add(sample, tf.mul(velocity, halfStep));
        const prevSample = tf.add(halfway, tf.mul(velocity, halfStep));
        if (at.tPrev === 0) return { prevSample, predOriginalSample };
        return { prevSample, predOriginalSample, memory: { halfway, halfStep: tf.scalar(halfStep) } };
      }),
  };
}
