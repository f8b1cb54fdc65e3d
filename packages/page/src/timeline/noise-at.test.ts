import { expect, it } from 'vitest';
import { noiseAt } from './noise-at.js';

it('interpolates the schedule', () => {
  const schedule = [
    [100, 1],
    [50, 0.5],
    [0, 0.1],
  ] as const;
  expect([120, 100, 75, 50, 25, 0, -1].map((t) => noiseAt(schedule, t))).toEqual([
    1, 1, 0.75, 0.5, 0.3, 0.1, 0.1,
  ]);
  expect(noiseAt([], 3)).toBe(0);
});
