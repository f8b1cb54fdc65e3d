import { expect, it } from 'vitest';
import { noiseAt } from './noise-at.js';

it('interpolates the schedule', () => {
  const schedule = [
    [100, 1],
    [50, 0.5],
    [0, 0.1],
  ] as const;
  for (const [timestep, sigma] of [
    [120, 1],
    [100, 1],
    [75, 0.75],
    [50, 0.5],
    [25, 0.3],
    [0, 0.1],
    [-1, 0.1],
  ])
    expect(noiseAt(schedule, timestep)).toBeCloseTo(sigma);
  expect(noiseAt([], 3)).toBe(0);
});
