/** Learning rate schedules, as plain functions of the step (from 0). */
import { TransfusionError } from '@transfusion/errors';

/** Returns the learning rate of a step. */
export type LrSchedule = (step: number) => number;

/** Options of {@link warmupCosine}. */
export interface WarmupCosineOptions {
  /** Maximum learning rate. */
  readonly peak: number;
  /** Final learning rate, from `totalSteps` on; defaults to 5% of the peak, as in the Transfusion paper. */
  readonly final?: number;
  /** Number of steps of linear warm-up, from `peak / warmupSteps`. */
  readonly warmupSteps: number;
  /** Step at which `final` is reached. */
  readonly totalSteps: number;
}

/**
 * Creates a schedule of linear warm-up followed by cosine decay (Loshchilov & Hutter 2017).
 *
 * @throws TransfusionError `invalid-argument` unless `warmupSteps` is less than `totalSteps`
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

/** Creates a schedule with a constant learning rate. */
export function constantLr(learningRate: number): LrSchedule {
  return () => learningRate;
}
