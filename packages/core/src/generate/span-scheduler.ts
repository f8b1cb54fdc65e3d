import { samplerFor, type NoiseScheduler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality } from '@transfusion/modality';
import type { SpanSamplingOptions } from './request.js';

/**
 * Returns the noise scheduler of a modality's spans: the one that the options have, or the modality's own.
 *
 * @throws TransfusionError `mismatch`, `not-found` or `invalid-argument` for a sampler that does not fit the modality
 */
export function spanScheduler(
  { name, diffusion }: ContinuousModality,
  { scheduler = diffusion }: SpanSamplingOptions = {},
): NoiseScheduler {
  if (typeof scheduler === 'string') return samplerFor(diffusion, scheduler, `generate: '${name}'`);
  for (const property of ['predictionType', 'process', 'numTrainTimesteps'] as const) {
    if (scheduler[property] === diffusion[property]) continue;
    throw new TransfusionError(
      'mismatch',
      `generate: the scheduler's ${property} is ${scheduler[property]}, expected ${diffusion[property]}, as ` +
        `'${name}' was trained. Use a sampler with the same process, prediction type and numTrainTimesteps.`,
    );
  }
  return scheduler;
}
