import { describe, expect, it } from 'vitest';
import { createRng } from '@transfusion/nn';
import golden from '../golden/features.json' with { type: 'json' };
import { featureStatistics, type FeatureStatistics } from './feature-statistics.js';
import { frechetDistance } from './frechet-distance.js';

function statisticsOf(vectors: readonly ArrayLike<number>[]): FeatureStatistics {
  const statistics = featureStatistics();
  for (const vector of vectors) statistics.add(vector);
  return statistics.result();
}

const normals = (seed: number, count: number, D: number): Float32Array[] => {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => rng.normals(D));
};

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, relative: number): void {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(found[i] - expected[i])).toBeLessThanOrEqual(relative * scale);
  }
}

describe.each(golden)('$name', ({ a, b, ...expected }) => {
  it('has the mean and covariance of NumPy', () => {
    const { count, mean, covariance } = statisticsOf(a);
    expect(count).toBe(a.length);
    expectClose(mean, expected.mean, 1e-12);
    expectClose(covariance, expected.covariance, 1e-12);
  });

  it('has the Fréchet distance of SciPy, both ways', () => {
    const [left, right] = [statisticsOf(a), statisticsOf(b)];
    expectClose([frechetDistance(left, right)], [expected.frechetDistance], 1e-7);
    expectClose([frechetDistance(right, left)], [expected.frechetDistance], 1e-7);
  });
});

describe('the Fréchet distance', () => {
  const gaussian = (mean: number[], variances: number[]): FeatureStatistics => ({
    count: 10,
    mean: Float64Array.from(mean),
    covariance: Float64Array.from(variances.flatMap((v, i) => variances.map((_, j) => (i === j ? v : 0)))),
  });

  it('is known for independent features: (μ₁ - μ₂)² + (σ₁ - σ₂)² each', () => {
    expect(frechetDistance(gaussian([0, 1], [4, 9]), gaussian([3, 1], [1, 25]))).toBeCloseTo(9 + 1 + 4, 12);
  });

  it('is that of the means where nothing varies', () => {
    expect(frechetDistance(gaussian([0, 1], [0, 0]), gaussian([3, 5], [0, 0]))).toBe(25);
  });

  it('is 0 for equal statistics, however large or dependent the features are', () => {
    for (const vectors of [normals(1, 20, 8), normals(2, 5, 16).map((v) => v.map((x) => 1e4 + 1e3 * x))]) {
      const statistics = statisticsOf(vectors);
      const scale = statistics.covariance.reduce((most, value) => Math.max(most, value));
      expect(frechetDistance(statistics, statistics)).toBeLessThan(1e-6 * scale);
    }
  });

  it('refuses features of two lengths, and half a covariance', () => {
    expect(() => frechetDistance(gaussian([0], [1]), gaussian([0, 0], [1, 1]))).toThrow(
      'frechetDistance: the statistics have 1 and 2 features, expected equal numbers. Use features of one network.',
    );
    const half = { ...gaussian([0, 0], [1, 1]), covariance: new Float64Array(3) };
    expect(() => frechetDistance(half, half)).toThrow('a covariance has 3 elements, expected 4');
  });
});

describe('the statistics', () => {
  it('can be read on the way', () => {
    const vectors = normals(3, 6, 3);
    const statistics = featureStatistics();
    for (const vector of vectors.slice(0, 4)) statistics.add(vector);
    const early = statistics.result();
    for (const vector of vectors.slice(4)) statistics.add(vector);
    expect(early).toEqual(statisticsOf(vectors.slice(0, 4)));
    expect(statistics.result()).toEqual(statisticsOf(vectors));
    expect(statistics.count).toBe(6);
  });

  it('report an invalid vector and ignore it', () => {
    const statistics = featureStatistics();
    expect(() => statistics.add([])).toThrow('a vector has no elements');
    statistics.add([1, 2]);
    expect(() => statistics.add([1, 2, 3])).toThrow(
      'vector 1 has 3 elements, expected 2, the length of the first',
    );
    expect(() => statistics.add([1, NaN])).toThrow('element 1 of vector 1 is NaN, expected a finite number');
    expect(() => statistics.result()).toThrow('found 1 vectors, expected at least two');
    statistics.add([3, 6]);
    expect(statistics.result()).toEqual({
      count: 2,
      mean: Float64Array.of(2, 4),
      covariance: Float64Array.of(2, 4, 4, 8),
    });
  });
});
