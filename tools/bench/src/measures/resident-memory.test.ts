import { expect, test } from 'vitest';
import { memoryGrowth, type MemoryPlan } from './resident-memory.js';

const plan: MemoryPlan = { steps: 300, interval: 10, warmUpSteps: 20, windowSteps: 50 };

function samplesOf(bytesAt: (step: number) => number): { step: number; bytes: number }[] {
  return Array.from({ length: 29 }, (_, i) => (i + 2) * 10).map((step) => ({ step, bytes: bytesAt(step) }));
}

test('steady memory does not grow', () => {
  expect(
    memoryGrowth(
      samplesOf(() => 1e9),
      plan,
    ),
  ).toBe(0);
});

test('a leak of a megabyte a step is seen', () => {
  // From step 45 to step 275 on average, on top of what is resident at step 45.
  const growth = memoryGrowth(
    samplesOf((step) => 1e9 + step * 1e6),
    plan,
  );
  expect(growth).toBeCloseTo(230e6 / 1.045e9, 6);
});

test('a spike in between is not growth', () => {
  expect(
    memoryGrowth(
      samplesOf((step) => (step === 150 ? 3e9 : 1e9)),
      plan,
    ),
  ).toBe(0);
});
