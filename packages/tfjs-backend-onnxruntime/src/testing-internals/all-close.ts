import type { TensorSpec } from './tensor-spec.js';

/** Maximum difference of two values: `absolute + relative · |expected|`. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

export const EXACT: Tolerance = { relative: 0, absolute: 0 };

/** Throws unless both are equal in element type and shape, and close in each value; integers are equal. */
export function assertAllClose(
  actual: TensorSpec,
  expected: TensorSpec,
  tolerance: Tolerance,
  label: string,
): void {
  const form = ({ dtype, shape }: TensorSpec): string => `${dtype}[${shape.join()}]`;
  if (form(actual) !== form(expected)) {
    throw new Error(`${label}: is ${form(actual)}, expected ${form(expected)}`);
  }
  for (let i = 0; i < expected.values.length; i++) {
    const [is, wanted] = [actual.values[i], expected.values[i]];
    if (!isClose(is, wanted, expected.dtype === 'float32' ? tolerance : EXACT)) {
      const values = `\n  is       ${excerpt(actual, i)}\n  expected ${excerpt(expected, i)}`;
      throw new Error(`${label}: element ${i} is ${is}, expected ${wanted}${values}`);
    }
  }
}

/** NaN is close to NaN, an infinity only to itself. */
function isClose(is: number, wanted: number, { relative, absolute }: Tolerance): boolean {
  if (is === wanted || (Number.isNaN(is) && Number.isNaN(wanted))) return true;
  if (!Number.isFinite(wanted) || !Number.isFinite(is)) return false;
  return Math.abs(is - wanted) <= absolute + relative * Math.abs(wanted);
}

function excerpt({ values }: TensorSpec, around: number): string {
  const start = Math.max(0, around - 4);
  return `[${start > 0 ? '… ' : ''}${values.slice(start, start + 12).join(', ')}]`;
}
