import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import golden from '../golden/distances.json' with { type: 'json' };
import { featureStatistics, type FeatureStatistics } from './feature-statistics.js';
import { frechetDistance } from './frechet-distance.js';
import { kernelDistance, kernelDistanceOfSubsets } from './kernel-distance.js';
import { formatNpy, parseNpy } from './npy.js';
import { precisionRecall } from './precision-recall.js';
import { readFeatureStatistics, writeFeatureStatistics } from './statistics-file.js';
import { formatVector, parseVector } from './vector-text.js';

/** The vectors of `made` in distances.py. */
function made({ seed, count, scale }: { seed: number; count: number; scale: number }, length: number) {
  let state = seed;
  return Array.from({ length: count }, () => {
    let value = 0;
    return Float64Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      value = 0.7 * value + scale * (state / 2 ** 32 - 0.5);
      return Math.max(0, value);
    });
  });
}

function statisticsOf(vectors: readonly ArrayLike<number>[]): FeatureStatistics {
  const statistics = featureStatistics();
  for (const vector of vectors) statistics.add(vector);
  return statistics.result();
}

const relative = (found: number, expected: number): number => Math.abs(found / expected - 1);

describe.each(golden.cases)('$name', ({ length, ...expected }) => {
  const [a, b] = [made(expected.a, length), made(expected.b, length)];

  test('has the Fréchet distance of pytorch-fid, both ways', () => {
    const [left, right] = [statisticsOf(a), statisticsOf(b)];
    expect(relative(frechetDistance(left, right), expected.frechetDistance)).toBeLessThan(1e-4);
    expect(relative(frechetDistance(right, left), expected.frechetDistance)).toBeLessThan(1e-4);
    expect(frechetDistance(left, statisticsOf(a))).toBe(0);
  });

  test('has the kernel distance of torchmetrics and NumPy, both ways', () => {
    expect(kernelDistance(a, b)).toBeCloseTo(expected.kernelDistance, 12);
    expect(kernelDistance(b, a)).toBeCloseTo(expected.kernelDistance, 12);
  });

  test('has the precision and recall of prdc', () => {
    const { precision, recall, isRealistic, isCovered } = precisionRecall(a, b);
    expect(precision).toBeCloseTo(expected.precision, 12);
    expect(recall).toBeCloseTo(expected.recall, 12);
    expect([isRealistic.length, isCovered.length]).toEqual([b.length, a.length]);
  });
});

describe('kernel distances of subsets', () => {
  const [a, b] = [made({ seed: 1, count: 60, scale: 1 }, 8), made({ seed: 2, count: 80, scale: 3 }, 8)];

  test('of whole sets are the distance, without an interval', () => {
    const { value, interval } = kernelDistanceOfSubsets(a, a.toReversed(), { subsetSize: 60 });
    expect(value).toBeCloseTo(kernelDistance(a, a.toReversed()), 12);
    expect(interval).toBeUndefined();
  });

  test('are near it, and repeat with their seed', () => {
    const { value, interval } = kernelDistanceOfSubsets(a, b);
    expect(kernelDistanceOfSubsets(a, b)).toEqual({ value, interval });
    expect(kernelDistanceOfSubsets(a, b, { seed: 1 }).value).not.toBe(value);
    const whole = kernelDistance(a, b);
    expect(interval![0]).toBeLessThan(whole);
    expect(interval![1]).toBeGreaterThan(whole);
    expect(interval![0]).toBeGreaterThan(0);
  });

  test('intervals cover the distance of distributions as often as they say', () => {
    let numCovered = 0;
    for (let seed = 0; seed < 40; seed++) {
      const sets = [1, 2].map((k) => made({ seed: 1000 * seed + k, count: 40, scale: 1 }, 6));
      const [low, high] = kernelDistanceOfSubsets(sets[0], sets[1], { numSubsets: 50 }).interval!;
      if (low <= 0 && 0 <= high) numCovered++;
    }
    expect(numCovered).toBeGreaterThan(32);
  });
});

describe('statistics files', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'statistics-'))));
  afterAll(() => rm(folder, { recursive: true }));
  const write = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };
  const archive = (name: keyof typeof golden.archives) => Buffer.from(golden.archives[name], 'base64');

  test.each(['stored, float64', 'compressed, float32'] as const)("NumPy's are read: %s", async (name) => {
    const { mean, covariance, hash } = await readFeatureStatistics(await write('a.npz', archive(name)));
    expect([...mean]).toEqual([1.5, -2, 0.25]);
    expect([...covariance]).toEqual([2, 0.5, 0, 0.5, 1, -0.125, 0, -0.125, 4]);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('ours are read again, exactly', async () => {
    const statistics = statisticsOf(made({ seed: 3, count: 9, scale: 1 }, 5));
    const path = join(folder, 'ours.npz');
    await writeFeatureStatistics(path, statistics);
    expect(await readFeatureStatistics(path)).toMatchObject({
      mean: statistics.mean,
      covariance: statistics.covariance,
    });
    // NumPy memory-maps arrays that begin at a multiple of 64 bytes.
    const array = formatNpy({ shape: [5], data: statistics.mean });
    expect((array.length - 5 * 8) % 64).toBe(0);
    expect(parseNpy(array, 'mean').shape).toEqual([5]);
    expect((await readFile(path)).subarray(0, 2).toString()).toBe('PK');
  });

  test('refuses what is something else', async () => {
    const read = async (name: string, bytes: Uint8Array | string) =>
      readFeatureStatistics(await write(name, bytes));
    await expect(readFeatureStatistics(join(folder, 'missing.npz'))).rejects.toThrow(
      'cannot be read (ENOENT)',
    );
    await expect(read('b.npz', 'no zip at all')).rejects.toThrow('b.npz: found no zip');
    await expect(read('c.npz', archive('integers'))).rejects.toThrow(
      'c.npz, mu: found elements of type i8, expected float32 or float64',
    );
    const write3 = async (mean: number[], covariance: number[]) => {
      const path = join(folder, 'd.npz');
      await writeFeatureStatistics(path, {
        mean: Float64Array.from(mean),
        covariance: Float64Array.from(covariance),
      });
      return path;
    };
    await expect(readFeatureStatistics(await write3([1, NaN], [1, 0, 0, 1]))).rejects.toThrow(
      'd.npz: mu is NaN at index 1, expected finite numbers',
    );
    await expect(readFeatureStatistics(await write3([1, 2], [1, 0]))).rejects.toThrow(
      'd.npz, sigma: found 16 bytes of elements, expected 32',
    );
    expect(() => parseNpy(new Uint8Array(20), 'x')).toThrow('x: found no NumPy array');
  });
});

test('vectors survive as text', () => {
  const vector = Float32Array.of(1.5, -2e-20, 3e30);
  expect(parseVector(formatVector(vector))).toEqual(vector);
});

describe('refuses', () => {
  const [a, b] = [made({ seed: 1, count: 5, scale: 1 }, 3), made({ seed: 2, count: 4, scale: 1 }, 3)];
  test.each([
    [
      () => kernelDistance(a, b.slice(0, 1)),
      'kernelDistance: the second set has 1 vectors, expected at least 2',
    ],
    [() => kernelDistance(a, [[1, 2], b[0]]), 'vector 0 of the second set has 2 elements, expected 3'],
    [() => kernelDistance([[NaN, 1, 1], a[0]], b), 'element 0 of vector 0 of the first set is NaN'],
    [
      () => kernelDistanceOfSubsets(a, b, { subsetSize: 5 }),
      'subsetSize is 5, expected an integer from 2 to 4',
    ],
    [() => kernelDistanceOfSubsets(a, b, { numSubsets: 1 }), 'numSubsets is 1, expected an integer from 2'],
    [() => precisionRecall(a, b, 4), 'precisionRecall: the second set has 4 vectors, expected at least 5'],
    [() => precisionRecall(a, b, 0), 'k is 0, expected a positive integer'],
  ])('%s', (run, message) => {
    expect(run).toThrow(message);
  });
});
