import { createRng } from '@transfusion/nn/rng';
import { expect, test } from 'vitest';
import { bootstrapInterval } from './bootstrap.js';
import { meanMetric } from './mean-metric.js';

test('the interval of a mean is that of the normal distribution, for many samples', () => {
  const values = [...createRng(1).normals(400)].map((value) => 3 + 2 * value);
  const { value, count, interval } = meanMetric('height', values, { betterIs: 'higher' });
  const stddev = Math.sqrt(values.reduce((sum, x) => sum + (x - value) ** 2, 0) / (count - 1));
  const halfWidth = (1.96 * stddev) / Math.sqrt(count);
  // An interval of 90 % would be narrower by 0.03.
  expect(Math.abs(interval![0] - (value - halfWidth))).toBeLessThan(0.025);
  expect(Math.abs(interval![1] - (value + halfWidth))).toBeLessThan(0.025);
});

test('intervals cover the true value as often as they say', () => {
  const rng = createRng(2);
  const covers = Array.from({ length: 200 }, () => {
    const [low, high] = meanMetric('height', [...rng.normals(40)]).interval!;
    return low <= 0 && 0 <= high;
  });
  expect(covers.filter(Boolean).length / covers.length).toBeGreaterThan(0.88);
});

test('the same seed gives the same interval; a wider one covers more', () => {
  const values = [...createRng(3).normals(30)];
  const mean = (indices: Int32Array): number => indices.reduce((sum, i) => sum + values[i], 0) / 30;
  const [low, high] = bootstrapInterval(30, mean);
  expect(bootstrapInterval(30, mean)).toEqual([low, high]);
  const [lower, higher] = bootstrapInterval(30, mean, { confidence: 0.99 });
  expect(lower).toBeLessThan(low);
  expect(higher).toBeGreaterThan(high);
});

test('shares have the interval of Wilson, wide also at 0 and 1; one value has none', () => {
  // 2 of 10, by the formula in double precision.
  const { interval } = meanMetric('share', [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(interval![0]).toBeCloseTo(0.0566821514, 8);
  expect(interval![1]).toBeCloseTo(0.5098375285, 8);
  expect(meanMetric('share', [1, 1]).interval![0]).toBeCloseTo(0.342, 3);
  expect(meanMetric('share', [1]).interval).toBeUndefined();
});

test('refuses what has no interval', () => {
  expect(() => bootstrapInterval(0, () => 0)).toThrow(
    'bootstrapInterval: found 0 samples, expected at least 1',
  );
  expect(() => bootstrapInterval(1, () => 0, { confidence: 1 })).toThrow('confidence is 1, expected');
  expect(() => bootstrapInterval(1, () => 0, { numResamples: 0.5 })).toThrow('numResamples is 0.5, expected');
  expect(() => meanMetric('accuracy', [])).toThrow('accuracy: found no values');
  expect(() => meanMetric('accuracy', [1, NaN])).toThrow('accuracy: the value of example 1 is NaN');
});
