import { createNoiseScheduler, noiseSchedulerTypes, type NoiseScheduler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import type { Modality } from '@transfusion/modality';

/**
 * Returns the noise scheduler of this name, with the noise schedule that the modality was trained with.
 *
 * @throws TransfusionError `invalid-argument` if it does not fit the modality; the message lists those that do
 */
export function samplerNamed({ name: modality, ...rest }: Modality, name: string): NoiseScheduler {
  const diffusion = 'diffusion' in rest ? rest.diffusion : undefined;
  const fitting =
    diffusion === undefined ? [] : noiseSchedulerTypes.flatMap((type) => fittingSampler(diffusion, type));
  const found = fitting.find((sampler) => sampler.name === name);
  if (found !== undefined) return found;
  throw new TransfusionError(
    'invalid-argument',
    fitting.length === 0
      ? `--sampler is ${name}, but '${modality}' has no noise scheduler of this package. Omit --sampler.`
      : `--sampler is ${name}, expected one that fits the noise '${modality}' was trained with: ` +
          `${fitting.map((sampler) => sampler.name).join(', ')}.`,
  );
}

/** Returns the scheduler of a type if it takes the options of another one and is trained alike. */
function fittingSampler(diffusion: NoiseScheduler, type: string): NoiseScheduler[] {
  if (diffusion.config === undefined) return [];
  // `eta` belongs to DDIM alone.
  const { type: own, eta, ...options } = diffusion.config;
  if (own === type) return [diffusion];
  try {
    const sampler = createNoiseScheduler({ ...options, type });
    const isAlike = (['process', 'predictionType', 'numTrainTimesteps'] as const).every(
      (property) => sampler[property] === diffusion[property],
    );
    return isAlike ? [sampler] : [];
  } catch (error) {
    // An option that the type lacks: it is of another family.
    if (TransfusionError.isInstance(error)) return [];
    throw error;
  }
}
