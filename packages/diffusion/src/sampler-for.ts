import { TransfusionError } from '@transfusion/errors';
import { createNoiseScheduler, noiseSchedulerTypes } from './create-noise-scheduler.js';
import type { NoiseScheduler } from './noise-scheduler.js';

/**
 * Returns the sampler of this name for a model that was trained with `trained`: with the same noise schedule,
 * prediction type, number of timesteps and clipping, such as DDIM for a model that was trained with `ddpm`. Options
 * that only one of the two has are at their defaults.
 *
 * @param where beginning of error messages
 * @throws TransfusionError `mismatch` for a sampler of a different noising process, `not-found` for an unknown name,
 *   `invalid-argument` if `trained` is a scheduler of another package; the message lists the samplers that fit
 */
export function samplerFor(trained: NoiseScheduler, name: string, where = 'samplerFor'): NoiseScheduler {
  if (name === trained.name) return trained;
  const fitting = fittingSamplers(trained);
  const found = fitting.find((sampler) => sampler.name === name);
  if (found !== undefined) return found;
  const names = fitting.map((sampler) => sampler.name).join(', ');
  throw fitting.length === 0
    ? new TransfusionError(
        'invalid-argument',
        `${where}: the scheduler is '${name}', but the model was trained with '${trained.name}', which no sampler of ` +
          `@transfusion/diffusion fits, expected '${trained.name}'. Pass a scheduler of the same package instead.`,
      )
    : new TransfusionError(
        noiseSchedulerTypes.includes(name) ? 'mismatch' : 'not-found',
        `${where}: the scheduler is '${name}', expected one that fits the noise that the model was trained with ` +
          `(${trained.process}, ${trained.predictionType}): ${names}. Choose one of them.`,
      );
}

/**
 * Lists the samplers that {@link samplerFor} returns for a model that was trained with `trained`, itself included.
 */
export function samplersFor(trained: NoiseScheduler): NoiseScheduler[] {
  const fitting = fittingSamplers(trained);
  return fitting.includes(trained) ? fitting : [trained, ...fitting];
}

/** Lists the samplers of this package that fit. */
function fittingSamplers(trained: NoiseScheduler): NoiseScheduler[] {
  return noiseSchedulerTypes.flatMap((type) => samplerOfType(trained, type));
}

/** Returns the sampler of a type if it takes the options of the trained one, and means the same by a timestep. */
function samplerOfType(trained: NoiseScheduler, type: string): NoiseScheduler[] {
  if (trained.config === undefined) return [];
  // `eta` belongs to DDIM alone.
  const { type: own, eta, ...options } = trained.config;
  if (own === type) return [trained];
  try {
    const sampler = createNoiseScheduler({ ...options, type });
    const isAlike = (['process', 'predictionType', 'numTrainTimesteps'] as const).every(
      (property) => sampler[property] === trained[property],
    );
    return isAlike ? [sampler] : [];
  } catch (error) {
    // An option that the type lacks: it is of another family.
    if (TransfusionError.isInstance(error)) return [];
    throw error;
  }
}
