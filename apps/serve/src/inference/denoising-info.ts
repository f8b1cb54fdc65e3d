/** Description of how a model denoises. */
import { spanSamplingDefaults } from '@transfusion/core';
import { samplersFor } from '@transfusion/diffusion';
import type { ModalityRegistry } from '@transfusion/modality';
import type { DenoisingInfo } from './model-host.js';

/** Describes how the first modality with latents is denoised; undefined for a model of tokens alone. */
export function denoisingInfo({ modalities }: ModalityRegistry): DenoisingInfo | undefined {
  const modality = modalities.find(({ kind }) => kind === 'continuous');
  if (modality?.kind !== 'continuous') return undefined;
  const { diffusion } = modality;
  const timesteps = diffusion.timesteps(spanSamplingDefaults.numInferenceSteps).map(({ t }) => t);
  return {
    ...spanSamplingDefaults,
    schedulers: samplersFor(diffusion).map(({ name }) => name),
    scheduler: diffusion.name,
    noiseSchedule: [...new Set(timesteps)].map((t) => [t, diffusion.noiseLevelAt(t).sigma]),
  };
}
