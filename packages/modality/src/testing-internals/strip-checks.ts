/** Strips with examples, and a function that runs their checks. */
import type { ContinuousModality } from '../modality.js';
import type { ConformanceCheck, ContinuousModalityExamples } from '../testing.js';
import { strips } from './toy-modalities.js';

/** A modality of {@link strips}, for tests that break one part of it. */
export type Strips = ContinuousModality<string, readonly number[]>;

/** A modality that passes. */
export const strip = strips('strip');

/** Values that {@link strip} accepts, and some that it refuses. */
export const stripExamples: ContinuousModalityExamples<readonly number[]> = {
  values: [
    [0.5, -0.25, 1, 0],
    [1, 2, -1, 0.5, 0.25, -0.75],
  ],
  distance: (a, b) => Math.max(...a.map((x, i) => Math.abs(x - b[i]))),
  tolerance: 1e-6,
  foreignValues: [[1, 2, 3], 'text'],
};

/** Runs the checks, and returns a line for each failure. */
export async function runChecks(checks: readonly ConformanceCheck[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of checks) {
    try {
      await run();
    } catch (error) {
      failed.push(`${name}: ${(error as Error).message}`);
    }
  }
  return failed;
}
