import { expect } from 'vitest';

/** Fails unless every value is within `absolute + relative · |expected|` of the expected one. */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 0, absolute = 0 }: { readonly relative?: number; readonly absolute?: number },
  label = 'values',
): void {
  expect(found.length, `${label}: length`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const limit = absolute + relative * Math.abs(expected[i]);
    if (Math.abs(found[i] - expected[i]) <= limit) continue;
    expect.fail(`${label}: value ${i} is ${found[i]}, expected ${expected[i]} ± ${limit}`);
  }
}
