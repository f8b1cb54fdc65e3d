/** Description of how a model denoises. */
import { spanSamplingDefaults } from '@transfusion/core';
import { samplersFor } from '@transfusion/diffusion';
import type { ModalityRegistry } from '@transfusion/modality';
import type { DenoisingInfo } from './model-host.js';

/** Number of noise levels that describe a schedule. */
const NUM_LEVELS = 65;

/** Describes how the first modality with latents is denoised; undefined for a model of tokens alone. */
export function denoisingInfo({ modalities }: ModalityRegistry): DenoisingInfo | undefined {
  const modality = modalities.find(({ kind }) => kind === 'continuous');
  if (modality?.kind !== 'continuous') return undefined;
  const { diffusion } = modality;
  const { numTrainTimesteps } = diffusion;
  const timesteps = Array.from({ length: NUM_LEVELS }, (_, i) => (i * numTrainTimesteps) / (NUM_LEVELS - 1));
  return {
    ...spanSamplingDefaults,
    schedulers: samplersFor(diffusion).map(({ name }) => name),
    scheduler: diffusion.name,
    numTrainTimesteps,
    noiseScales: timesteps.map((t) => diffusion.noiseLevelAt(t).sigma),
  };
}
