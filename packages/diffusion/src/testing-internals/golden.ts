import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Reads a file written by tools/checks/golden/diffusion/make.py. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

/**
 * Expects every number within `tolerance` of the expected one, relative to the largest of them (at least 1).
 */
export function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, i) => Math.abs(found[i] - value)));
  // Fails for NaN as well.
  expect(worst / scale).toBeLessThanOrEqual(tolerance);
}
