/** Learning rates by step, as plain functions of the step (from 0). */
import { TransfusionError } from '@transfusion/errors';

/** Learning rate as a function of the step. */
export type LrSchedule = (step: number) => number;

/** Options of {@link warmupCosine}. */
export interface WarmupCosineOptions {
  /** The highest learning rate. */
  readonly peak: number;
  /** The lowest, reached at `totalSteps` and kept; defaults to 5 % of the peak, as in the Transfusion paper. */
  readonly final?: number;
  /** Steps of linear increase from `peak / warmupSteps`. */
  readonly warmupSteps: number;
  /** The step at which `final` is reached. */
  readonly totalSteps: number;
}

/**
 * Makes a schedule of linear warm-up, then half a cosine (Loshchilov & Hutter 2017).
 *
 * @throws TransfusionError `invalid-argument` if the warm-up is not shorter than the whole
 */
export function warmupCosine(options: WarmupCosineOptions): LrSchedule {
  const { peak, final = 0.05 * peak, warmupSteps, totalSteps } = options;
  if (!(warmupSteps >= 0 && warmupSteps < totalSteps)) {
    throw new TransfusionError(
      'invalid-argument',
      `warmupCosine: warmupSteps is ${warmupSteps}, expected 0 to less than totalSteps (${totalSteps}).`,
    );
  }
  return (step) => {
    if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
    const progress = Math.min(1, (step - warmupSteps) / (totalSteps - warmupSteps));
    return final + 0.5 * (peak - final) * (1 + Math.cos(Math.PI * progress));
  };
}

/** Makes a schedule of one learning rate for all steps. */
export function constantLr(learningRate: number): LrSchedule {
  return () => learningRate;
}
