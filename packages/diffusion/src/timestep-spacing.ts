import { checkInteger } from './check-arguments.js';
import type { InferenceStep } from './noise-scheduler.js';

/**
 * The selection of training timesteps for sampling (Lin et al. 2024, table 2). `leading` counts up from 0 and
 * omits the noisiest ones: suits many steps, and epsilon predictions, which carry no information about the
 * sample there. `trailing` counts down from the last one: suits few steps, and models that predict the sample
 * or v. `linspace` includes both ends.
 */
export type TimestepSpacing = 'leading' | 'trailing' | 'linspace';

/** Lists `count` timesteps below `numTrainTimesteps`, from the noisiest down. */
export function spacedTimesteps(
  spacing: TimestepSpacing,
  count: number,
  numTrainTimesteps: number,
): readonly number[] {
  const stride = numTrainTimesteps / count;
  const reversed = (i: number): number => count - 1 - i;
  const timestepAt = {
    leading: (i: number) => reversed(i) * Math.floor(stride),
    trailing: (i: number) => roundHalfToEven(numTrainTimesteps - i * stride) - 1,
    linspace: (i: number) =>
      count === 1 ? 0 : roundHalfToEven(reversed(i) * ((numTrainTimesteps - 1) / (count - 1))),
  }[spacing];
  return Array.from({ length: count }, (_, i) => timestepAt(i));
}

/** Lists the steps from each timestep to the next, and from the last one to the clean sample at `end`. */
export function stepsThrough(timesteps: readonly number[], end: number): readonly InferenceStep[] {
  return timesteps.map((t, i) => ({ t, tPrev: timesteps[i + 1] ?? end }));
}

/** Throws unless the step goes from a timestep of the table to an earlier one, or to -1. */
export function checkIndexStep(where: string, { t, tPrev }: InferenceStep, numTrainTimesteps: number): void {
  checkInteger(where, 't', t, 0, numTrainTimesteps - 1);
  checkInteger(where, 'tPrev', tPrev, -1, t - 1);
}

/** Rounds like NumPy, so that the timesteps equal those of diffusers. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
