import type { SamplerMemory } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality, Shape } from '@transfusion/modality';
import * as tf from '@transfusion/tfjs';
import type { SpanSamplingOptions } from './request.js';
import { spanSamplingDefaults } from './span-sampling-defaults.js';
import { spanScheduler } from './span-scheduler.js';
import type { StepSampler } from './step-sampler.js';

/**
 * Returns a sampler that takes the steps of the span's noise scheduler. Its `step` throws TransfusionError `mismatch` for a
 * scheduler that returns a sample of another size.
 *
 * @throws TransfusionError as `spanScheduler`, and for a number of steps out of range
 */
export function schedulerSampler(
  modality: ContinuousModality,
  latentShape: Shape,
  options: SpanSamplingOptions = {},
): StepSampler {
  const scheduler = spanScheduler(modality, options);
  const shape = [1, ...latentShape];
  let memory: SamplerMemory | undefined;
  return {
    stochastic: scheduler.stochastic,
    maxTimestep: scheduler.numTrainTimesteps,
    steps: scheduler.timesteps(options.numInferenceSteps ?? spanSamplingDefaults.numInferenceSteps),
    noiseLevelAt: (timestep) => scheduler.noiseLevelAt(timestep),
    step: async (at, output, sample, noise) => {
      const inputs = {
        output: tf.tensor(output, shape),
        sample: tf.tensor(sample, shape),
        ...(noise === undefined ? {} : { noise: tf.tensor(noise, shape) }),
      };
      const disposable = new Set<tf.Tensor>(Object.values(inputs));
      try {
        const options = { memory, noise: inputs.noise };
        const result = scheduler.step(inputs.output, at, inputs.sample, options);
        const { prevSample, predOriginalSample, memory: newMemory = {} } = result;
        for (const tensor of [prevSample, predOriginalSample, ...Object.values(newMemory)]) {
          disposable.add(tensor);
        }
        const [next, clean] = await Promise.all([prevSample.data(), predOriginalSample.data()]);
        checkSize(modality, next.length, sample.length);
        // Disposes of the old memory and keeps the new one, which may share tensors with the results.
        for (const tensor of Object.values(memory ?? {})) disposable.add(tensor);
        for (const tensor of Object.values(newMemory)) disposable.delete(tensor);
        memory = result.memory;
        return { sample: next as Float32Array, predOriginalSample: clean as Float32Array };
      } finally {
        tf.dispose([...disposable]);
      }
    },
    reset: () => {
      tf.dispose(Object.values(memory ?? {}));
      memory = undefined;
    },
  };
}

function checkSize({ name }: ContinuousModality, size: number, expected: number): void {
  if (size === expected) return;
  throw new TransfusionError(
    'mismatch',
    `generate: the sampler of '${name}' returned a sample of ${size} elements, expected ${expected}. Check its \`step\`.`,
  );
}
