import type * as tf from '@transfusion/tfjs';
import type { StepReport } from './train-step.js';
import type { BatchSizes } from './trainable-model.js';

/** Metrics of a step. */
export interface StepMetrics extends BatchSizes {
  /** Number of completed steps, from 1. */
  readonly step: number;
  /** Joint loss. */
  readonly loss: number;
  /** Means of the loss parts, by name. A part that did not occur is absent. */
  readonly parts: Readonly<Record<string, number>>;
  readonly gradNorm: number;
  readonly learningRate: number;
  /** False if the step was skipped because the loss or gradient was not finite. */
  readonly applied: boolean;
  /** Duration of the step in milliseconds. */
  readonly stepMs: number;
  /** Time spent waiting for data, included in `stepMs`. */
  readonly waitMs: number;
}

/** Downloads a report's values. `counts` are the `lossCounts` of the step. */
export async function readReport(
  { loss, gradNorm, applied, sums }: StepReport,
  counts: Readonly<Record<string, number>>,
): Promise<Pick<StepMetrics, 'loss' | 'gradNorm' | 'applied' | 'parts'>> {
  const read = async (scalar: tf.Scalar): Promise<number> => (await scalar.data())[0];
  const parts: Record<string, number> = {};
  for (const [name, sum] of Object.entries(sums)) {
    if (counts[name] > 0) parts[name] = (await read(sum)) / counts[name];
  }
  return {
    loss: await read(loss),
    gradNorm: await read(gradNorm),
    applied: (await read(applied)) === 1,
    parts,
  };
}

/** Flattens the metrics for logs: `loss/tokens`, `applied` as 0 or 1. */
export function flatMetrics({ step: _, parts, applied, ...values }: StepMetrics): Record<string, number> {
  const named = Object.entries(parts).map(([name, value]) => [`loss/${name}`, value] as const);
  return { ...values, applied: Number(applied), ...Object.fromEntries(named) };
}
