import { checkInteger } from './check-arguments.js';
import type { InferenceStep } from './noise-scheduler.js';

/**
 * The training timesteps that sampling visits (Lin et al. 2024, table 2). `leading` counts up from
 * 0 and never reaches the noisiest ones: good for many steps, and for predictions of epsilon, which say
 * nothing about the sample there. `trailing` counts down from the last one: for few steps, and for
 * models that predict the sample or v. `linspace` visits both ends.
 */
export type TimestepSpacing = 'leading' | 'trailing' | 'linspace';

/** Lists `count` timesteps below `numTrainTimesteps`, from the noisiest down. */
export function spacedTimesteps(
  spacing: TimestepSpacing,
  count: number,
  numTrainTimesteps: number,
): readonly number[] {
  const stride = numTrainTimesteps / count;
  const lastFirst = (i: number): number => count - 1 - i;
  const timestepAt = {
    leading: (i: number) => lastFirst(i) * Math.floor(stride),
    trailing: (i: number) => roundHalfToEven(numTrainTimesteps - i * stride) - 1,
    linspace: (i: number) =>
      count === 1 ? 0 : roundHalfToEven(lastFirst(i) * ((numTrainTimesteps - 1) / (count - 1))),
  }[spacing];
  return Array.from({ length: count }, (_, i) => timestepAt(i));
}

/** Lists the steps from each timestep to the next, and from the last one to the clean sample at `end`. */
export function stepsThrough(timesteps: readonly number[], end: number): readonly InferenceStep[] {
  return timesteps.map((t, i) => ({ t, tPrev: timesteps[i + 1] ?? end }));
}

/** Throws unless the step leads from a timestep of the table to an earlier one, or to -1. */
export function checkIndexStep(where: string, { t, tPrev }: InferenceStep, numTrainTimesteps: number): void {
  checkInteger(where, 't', t, 0, numTrainTimesteps - 1);
  checkInteger(where, 'tPrev', tPrev, -1, t - 1);
}

/** Rounds as NumPy does, so that the timesteps are those of diffusers. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
