import { expect, it } from 'vitest';
import { createRng } from '@transfusion/nn/rng';
import { expOfNonPositive } from './exponential.js';

it('agrees with Math.exp', () => {
  const rng = createRng(1);
  for (const scale of [1, 10, 690]) {
    for (const uniform of rng.uniforms(2000)) {
      const x = -scale * uniform;
      expect(Math.abs(expOfNonPositive(x) / Math.exp(x) - 1)).toBeLessThan(2e-7);
    }
  }
});

it('is exact at 0, and 0 for what is never sampled', () => {
  expect(expOfNonPositive(0)).toBe(1);
  expect(expOfNonPositive(-0)).toBe(1);
  for (const x of [-700, -1e300, -Infinity]) expect(expOfNonPositive(x)).toBe(0);
});
