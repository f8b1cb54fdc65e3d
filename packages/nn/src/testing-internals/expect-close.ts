import { expect } from 'vitest';

/** Maximum difference of values: `absolute + relative · |expected|`. */
export interface Tolerance {
  readonly relative?: number;
  readonly absolute?: number;
}

/** Fails unless all values are close; reports the first that is not. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 0, absolute = 0 }: Tolerance,
  label = 'values',
): void {
  expect(actual.length, `${label}: length`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const limit = absolute + relative * Math.abs(expected[i]);
    if (Math.abs(actual[i] - expected[i]) <= limit) continue;
    expect.fail(`${label}: value ${i} is ${actual[i]}, expected ${expected[i]} ± ${limit}`);
  }
}
