import { expect, test } from 'vitest';
import type { TransfusionSizes } from '../models/transfusion.js';
import { measureTraining } from './train.js';

test('measures what it says, once', { timeout: 180_000 }, async () => {
  const sizes: TransfusionSizes = {
    preset: '11m',
    shape: { numRows: 1, rowLength: 128, spanCapacity: { 'image:32x32x3': 1 } },
  };
  const plan = {
    sizes: [sizes],
    sgemmSizes: [64],
    rounds: 1,
    maxRounds: 1,
    sampleMilliseconds: 1,
    runSteps: 4,
  };
  const groups = await measureTraining(plan, { progress: () => {} });
  const values = new Map(groups.flatMap(({ measures }) => measures).map(({ name, value }) => [name, value]));
  expect([...values.values()].every(Number.isFinite)).toBe(true);
  expect(values.get('transfusion11m.rate')).toBeGreaterThan(0);
  expect(values.get('11m.estimate')).toBeGreaterThan(0.05);
  expect(values.get('11m.peak')).toBeGreaterThan(0.05);
});
