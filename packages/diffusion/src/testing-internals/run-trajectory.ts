import * as tf from '@transfusion/tfjs';
import type { InferenceStep, NoiseScheduler, SamplerMemory } from '../noise-scheduler.js';

/** A model and its noise for a trajectory; `call` counts the steps. */
export interface TrajectoryInputs {
  readonly model: (sample: tf.Tensor, at: InferenceStep, call: number) => tf.Tensor;
  readonly noise?: (call: number) => tf.Tensor;
}

/** Yields the sample after each step, as numbers, so that trajectories can be interleaved. */
export function* walk(
  scheduler: NoiseScheduler,
  numInferenceSteps: number,
  start: tf.Tensor,
  { model, noise }: TrajectoryInputs,
): Generator<number[]> {
  let sample = tf.clone(start);
  let memory: SamplerMemory | undefined;
  for (const [call, at] of scheduler.timesteps(numInferenceSteps).entries()) {
    const output = model(sample, at, call);
    const fresh = scheduler.stochastic ? noise?.(call) : undefined;
    const result = scheduler.step(output, at, sample, { noise: fresh, memory });
    tf.dispose([output, sample, result.predOriginalSample]);
    if (fresh !== undefined) tf.dispose(fresh);
    if (memory !== undefined) tf.dispose(Object.values(memory));
    ({ prevSample: sample, memory } = result);
    yield Array.from(sample.dataSync());
  }
  sample.dispose();
  if (memory !== undefined) tf.dispose(Object.values(memory));
}

/** Returns the final sample. */
export function sampleWith(...args: Parameters<typeof walk>): number[] {
  return [...walk(...args)].at(-1) ?? [];
}
