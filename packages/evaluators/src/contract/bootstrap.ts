/** Confidence intervals by the bootstrap (Efron 1979): the statistic of samples drawn again, with replacement. */
import { TransfusionError } from '@transfusion/errors';
import { createRng } from '@transfusion/nn/rng';

/** Options of the bootstrap. */
export interface BootstrapOptions {
  /** Number of resamples; defaults to 1000. */
  readonly numResamples?: number;
  /** Probability that the interval covers the true value; defaults to 0.95. */
  readonly confidence?: number;
  /** Defaults to 0. */
  readonly seed?: number;
}

/**
 * Computes the percentile interval of a statistic. It gets the indices of the samples, some of them several times.
 *
 * @throws TransfusionError `invalid-argument` for no samples, or options out of range
 */
export function bootstrapInterval(
  count: number,
  statistic: (indices: Int32Array) => number,
  { numResamples = 1000, confidence = 0.95, seed = 0 }: BootstrapOptions = {},
): readonly [low: number, high: number] {
  check(Number.isInteger(count) && count > 0, `found ${count} samples, expected at least 1`);
  check(
    Number.isInteger(numResamples) && numResamples > 0,
    `numResamples is ${numResamples}, expected a positive integer`,
  );
  check(confidence > 0 && confidence < 1, `confidence is ${confidence}, expected a number between 0 and 1`);
  const rng = createRng(seed).fork('bootstrap');
  const indices = new Int32Array(count);
  const values = Float64Array.from({ length: numResamples }, () => {
    const uniforms = rng.uniforms(count);
    for (let i = 0; i < count; i++) indices[i] = Math.floor(uniforms[i] * count);
    return statistic(indices);
  }).sort();
  return [quantile(values, (1 - confidence) / 2), quantile(values, (1 + confidence) / 2)];
}

/** Interpolates linearly between sorted values, as NumPy does by default. */
function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

function check(isRight: boolean, problem: string): void {
  if (!isRight) throw new TransfusionError('invalid-argument', `bootstrapInterval: ${problem}.`);
}
