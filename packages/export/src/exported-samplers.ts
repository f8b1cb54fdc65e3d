import { samplerProgram, samplersFor } from '@transfusion/diffusion';
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
      [diffusion, ...samplersFor(diffusion).filter((sampler) => sampler !== diffusion)].flatMap((sampler) =>
        numInferenceSteps.map((count) => ({ num_inference_steps: count, ...samplerProgram(sampler, count) })),
      ),
    ]),
  );
}
