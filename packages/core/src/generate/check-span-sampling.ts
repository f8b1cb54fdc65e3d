/** Validation of the options for denoising spans. */
import type { ContinuousModality } from '@transfusion/modality';
import { checkCondition } from './check-condition.js';
import type { SpanSamplingOptions } from './request.js';
import { spanSampler } from './span-sampler.js';
import { spanSamplingDefaults } from './span-sampling-defaults.js';

/**
 * Checks the options for denoising spans of these modalities.
 *
 * @throws TransfusionError `invalid-argument` for options out of range; as `spanSampler` for one that does not fit
 */
export function checkSpanSampling(
  modalities: readonly ContinuousModality[],
  options: SpanSamplingOptions,
): void {
  const {
    guidanceScale = spanSamplingDefaults.guidanceScale,
    spanGuidanceScale = guidanceScale,
    numInferenceSteps = spanSamplingDefaults.numInferenceSteps,
  } = options;
  for (const [name, scale] of Object.entries({ guidanceScale, spanGuidanceScale })) {
    checkCondition(Number.isFinite(scale), `${name} is ${scale}, expected a finite number`);
  }
  if (options.guidanceInterval !== undefined) checkGuidanceInterval(modalities, options.guidanceInterval);
  for (const modality of modalities) spanSampler(modality, options).timesteps(numInferenceSteps);
}

function checkGuidanceInterval(
  modalities: readonly ContinuousModality[],
  interval: NonNullable<SpanSamplingOptions['guidanceInterval']>,
): void {
  checkCondition(
    Array.isArray(interval) && interval.length === 2 && interval.every((t) => Number.isFinite(t)),
    `guidanceInterval is ${String(interval)}, expected two finite numbers: [from, to]`,
  );
  const [from, to] = interval;
  checkCondition(from <= to, `guidanceInterval is from ${from} to ${to}, expected from <= to`);
  if (modalities.length === 0) return;
  const last = Math.max(...modalities.map(({ diffusion }) => diffusion.numTrainTimesteps));
  checkCondition(
    from <= last && to >= 0,
    `guidanceInterval is from ${from} to ${to}, expected some timesteps from 0 to ${last}. ` +
      'Set guidanceScale to 1 for no guidance',
  );
}
