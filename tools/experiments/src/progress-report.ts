import type { StepMetrics } from '@transfusion/trainer';

/** Steps between two lines. */
const EVERY = 50;

/**
 * Reports a run's progress on stderr: its loss, its speed, and the time left.
 *
 * @param flopsAt floating-point operations of a step, counted from 1
 */
export function progressReport(
  name: string,
  totalSteps: number,
  flopsAt: (step: number) => number,
): (metrics: StepMetrics) => void {
  let milliseconds = 0;
  let steps = 0;
  return ({ step, loss, stepMs }) => {
    milliseconds += stepMs;
    steps++;
    if (step % EVERY !== 0 && step !== totalSteps) return;
    const perStep = milliseconds / steps;
    const minutes = (((totalSteps - step) * perStep) / 60_000).toFixed(1);
    const rate = (flopsAt(step) / perStep / 1e6).toFixed(0);
    process.stderr.write(
      `${name}: step ${step} of ${totalSteps}, loss ${loss.toFixed(3)}, ${rate} GFLOP/s, ${minutes} min to go\n`,
    );
    [milliseconds, steps] = [0, 0];
  };
}
