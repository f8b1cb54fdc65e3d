import { describe, expect, test } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import type { NoiseScheduler } from './noise-scheduler.js';

describe.each(['leading', 'trailing', 'linspace'] as const)('%s', (timestepSpacing) => {
  test.each([ddpm, ddim, dpmSolverPlusPlus])(
    '%o leads from noise to the clean sample, step by step',
    (sampler) => {
      const scheduler = sampler({ timestepSpacing, numTrainTimesteps: 200 });
      for (let count = 1; count < 200; count++) {
        const steps = scheduler.timesteps(count);
        expect(steps.length).toBe(count);
        expect(steps[0].t).toBeLessThan(200);
        expect(steps.every(({ t, tPrev }) => Number.isInteger(t) && tPrev < t)).toBe(true);
        expect(steps.slice(1).every(({ t }, i) => t === steps[i].tPrev)).toBe(true);
        expect(steps.at(-1)!.tPrev).toBe(-1);
      }
    },
  );
});

test('what each visits', () => {
  const visited = (scheduler: NoiseScheduler): number[] => scheduler.timesteps(4).map(({ t }) => t);
  expect(visited(ddim())).toEqual([750, 500, 250, 0]);
  expect(visited(ddim({ timestepSpacing: 'trailing' }))).toEqual([999, 749, 499, 249]);
  expect(visited(ddim({ timestepSpacing: 'linspace' }))).toEqual([999, 666, 333, 0]);
  expect(visited(dpmSolverPlusPlus())).toEqual([800, 600, 400, 200]);
  expect(visited(flowEuler())).toEqual([1000, 750, 500, 250]);
});

test('rectified flow runs from pure noise to 0; Heun corrects each step but the last', () => {
  expect(flowEuler().timesteps(1)).toEqual([{ t: 1000, tPrev: 0 }]);
  expect(flowEuler({ shift: 3 }).timesteps(2)).toEqual([
    { t: 1000, tPrev: 750 },
    { t: 750, tPrev: 0 },
  ]);
  expect(flowHeun().timesteps(2)).toEqual([
    { t: 1000, tPrev: 500 },
    { t: 500, tPrev: 500 },
    { t: 500, tPrev: 0 },
  ]);
});

test.each(['leading', 'trailing', 'linspace'] as const)(
  'dpm-solver++ visits all timesteps in as many steps: %s',
  (timestepSpacing) => {
    const steps = dpmSolverPlusPlus({ timestepSpacing }).timesteps(1000);
    expect(steps.map(({ t }) => t)).toEqual(Array.from({ length: 1000 }, (_, i) => 999 - i));
    expect(steps.map(({ tPrev }) => tPrev)).toEqual(Array.from({ length: 1000 }, (_, i) => 998 - i));
  },
);
