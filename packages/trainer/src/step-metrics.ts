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
  /**
   * Parts that were not finite, if the step was skipped: those of the loss (`loss of image`), or if all of them are finite,
   * gradients (`gradient of adapters.image.in.weight`).
   */
  readonly nonFinite?: readonly string[];
  /** Duration of the step in milliseconds. */
  readonly stepMs: number;
  /** Time spent waiting for data, included in `stepMs`. */
  readonly waitMs: number;
}

/**
 * Downloads a report's values.
 *
 * @param counts `lossCounts` of the step
 * @param paths paths of the trained parameters
 */
export async function readReport(
  { loss, gradNorm, squaredGradNorms, applied, sums }: StepReport,
  counts: Readonly<Record<string, number>>,
  paths: readonly string[],
): Promise<Pick<StepMetrics, 'loss' | 'gradNorm' | 'applied' | 'parts' | 'nonFinite'>> {
  const read = async (scalar: tf.Scalar): Promise<number> => (await scalar.data())[0];
  const parts: Record<string, number> = {};
  for (const [name, sum] of Object.entries(sums)) {
    const count = counts[name] ?? 0;
    if (count !== 0) parts[name] = (await read(sum)) / count;
  }
  const values = { loss: await read(loss), gradNorm: await read(gradNorm), parts };
  if ((await read(applied)) === 1) return { ...values, applied: true };
  const norms = await squaredGradNorms.data();
  return { ...values, applied: false, nonFinite: nonFiniteParts(values, norms, paths) };
}

/** A gradient that is not finite makes those before it so: all are named only if the loss is finite. */
function nonFiniteParts(
  { loss, parts }: Pick<StepMetrics, 'loss' | 'parts'>,
  squaredGradNorms: ArrayLike<number>,
  paths: readonly string[],
): string[] {
  const ofLoss = Object.entries(parts).filter(([, mean]) => !Number.isFinite(mean));
  if (ofLoss.length > 0) return ofLoss.map(([name]) => `loss of ${name}`);
  if (!Number.isFinite(loss)) return ['loss'];
  const ofGradient = paths.filter((_, i) => !Number.isFinite(squaredGradNorms[i]));
  // Only the sum of all squares may overflow.
  return ofGradient.length === 0 ? ['gradient norm'] : ofGradient.map((path) => `gradient of ${path}`);
}

/** Lists the parts that were not finite, for messages: the first few of them. */
export function describeNonFinite(nonFinite: readonly string[]): string {
  const more = nonFinite.length > 3 ? ` and ${nonFinite.length - 3} more` : '';
  return `${nonFinite.slice(0, 3).join(', ')}${more}`;
}

/** Flattens the metrics for logs: `loss/tokens`, `applied` as 0 or 1. */
export function flatMetrics({
  step: _,
  parts,
  applied,
  nonFinite: __,
  ...values
}: StepMetrics): Record<string, number> {
  const named = Object.entries(parts).map(([name, value]) => [`loss/${name}`, value] as const);
  return { ...values, applied: Number(applied), ...Object.fromEntries(named) };
}
