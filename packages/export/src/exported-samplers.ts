import { noiseSchedulerTypes, samplerFor, samplerProgram, type NoiseScheduler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality } from '@transfusion/modality';
import type { ExportedSampler } from './export-format.js';

/**
 * Returns the samplers of each modality, its own first, as programs for some numbers of steps.
 *
 * @throws TransfusionError `invalid-argument` if a modality's own sampler is no program, or for numbers of steps out of range
 */
export function exportedSamplers(
  modalities: readonly ContinuousModality[],
  numInferenceSteps: readonly number[],
): Record<string, readonly ExportedSampler[]> {
  return Object.fromEntries(
    modalities.map(({ name, diffusion }) => [
      name,
      [diffusion, ...otherSamplers(diffusion)].flatMap((sampler) =>
        numInferenceSteps.map((count) => ({ num_inference_steps: count, ...samplerProgram(sampler, count) })),
      ),
    ]),
  );
}

/** Returns the samplers of `@transfusion/diffusion` that a model can be sampled with, besides the one it was trained with. */
function otherSamplers(trained: NoiseScheduler): NoiseScheduler[] {
  return noiseSchedulerTypes.flatMap((type) => {
    if (type === trained.name) return [];
    try {
      return [samplerFor(trained, type)];
    } catch (error) {
      // Of another noising process.
      if (TransfusionError.isInstance(error)) return [];
      throw error;
    }
  });
}
