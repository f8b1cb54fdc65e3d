import { describe, expect, it } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { createRng, threefry2x32, type RngState } from './rng.js';
import { expectClose } from './testing-internals/expect-close.js';
import { readGolden } from './testing-internals/golden.js';

type Pair = [number, number];
const golden = readGolden<{
  blocks: [Pair, Pair, Pair][];
  seed: number;
  words: number[];
  far: { position: number; words: number[] };
  normals: number[];
  forks: [string | number, Pair][];
}>('threefry.json');

const words = (rng: { uint32(): number }, count: number): number[] =>
  Array.from({ length: count }, () => rng.uint32());

describe('threefry2x32', () => {
  it('gives the known answers of Random123, and those of another implementation', () => {
    const out = new Uint32Array(2);
    for (const [key, counter, expected] of golden.blocks) {
      threefry2x32(...key, ...counter, out);
      expect([...out]).toEqual(expected);
    }
    threefry2x32(0, 0, 0, 0, out);
    expect([...out]).toEqual([0x6b200159, 0x99ba4efe]);
  });

  it('writes where it is told', () => {
    const out = new Uint32Array(4);
    threefry2x32(0, 0, 0, 0, out, 2);
    expect([...out]).toEqual([0, 0, 0x6b200159, 0x99ba4efe]);
  });
});

describe('a stream', () => {
  it('is the blocks of its key, one after the other', () => {
    expect(words(createRng(golden.seed), 200)).toEqual(golden.words);
  });

  it('goes on beyond 2^32 blocks', () => {
    const key = createRng(golden.seed).state().key;
    const { position, words: expected } = golden.far;
    expect(words(createRng({ key, position }), expected.length)).toEqual(expected);
  });

  it('continues from a saved state, wherever it was taken', () => {
    for (let position = 0; position < 200; position += 7) {
      const rng = createRng(golden.seed);
      words(rng, position);
      const saved = JSON.parse(JSON.stringify(rng.state())) as RngState;
      expect(saved.position).toBe(position);
      expect(words(createRng(saved), 10)).toEqual(words(rng, 10));
    }
  });

  it('gives the same numbers one by one and many at once', () => {
    const [one, many] = [createRng(3), createRng(3)];
    expect([...many.uniforms(101)]).toEqual(words(one, 101).map((word) => (word >>> 8) / 2 ** 24));
    expect(many.state()).toEqual(one.state());
    expect(many.uniform()).toBe(one.uint32() / 2 ** 32);
  });

  it('makes normals of Box and Muller, two from two words', () => {
    const rng = createRng(golden.seed);
    expectClose(rng.normals(7), golden.normals, { relative: 1e-6 });
    expect(rng.state().position).toBe(8);
    expect(rng.normals(0)).toHaveLength(0);
  });

  it.each([-1, 1.5, NaN, 2 ** 53])('does not start from the seed %d', (seed) => {
    expect(() => createRng(seed)).toThrow(TransfusionError);
    expect(() => createRng(seed)).toThrow(/createRng: the seed is .*, expected an integer/);
  });

  it.each([
    { key: [0, -1], position: 0 },
    { key: [0, 2 ** 32], position: 0 },
    { key: [0, 0], position: -1 },
    { key: [0, 0], position: 0.5 },
    {},
  ])('does not start from the state %j', (state) => {
    expect(() => createRng(state as unknown as RngState)).toThrow(/createRng: expected \{ key/);
  });
});

describe('forks', () => {
  it('have the keys of another implementation', () => {
    const rng = createRng(golden.seed);
    for (const [label, key] of golden.forks) expect(rng.fork(label).state()).toEqual({ key, position: 0 });
  });

  it('do not depend on what was read, and move nothing', () => {
    const rng = createRng(1);
    const before = words(rng.fork('a'), 5);
    words(rng, 33);
    const state = rng.state();
    const b = rng.fork('b');
    expect(words(rng.fork('a'), 5)).toEqual(before);
    words(b, 9);
    expect(rng.state()).toEqual(state);
    expect(words(rng.fork('a').fork('b'), 5)).not.toEqual(words(rng.fork('ab'), 5));
  });

  it('are all different, and uncorrelated with each other', () => {
    const rng = createRng(1);
    const labels = [...Array.from({ length: 500 }, (_, i) => i), ...'abcdefgh', '', 'ab', 'ba', '1'];
    expect(new Set(labels.map((label) => rng.fork(label).uint32())).size).toBe(labels.length);
    const [x, y] = [rng.fork(0).normals(20_000), rng.fork(1).normals(20_000)];
    const correlation = x.reduce((sum, value, i) => sum + value * y[i], 0) / x.length;
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(x.length));
  });
});

describe('statistics', () => {
  const N = 400_000;

  /** Within five standard deviations of what is expected. */
  function expectMean(mean: number, expected: number, variance: number): void {
    expect(Math.abs(mean - expected)).toBeLessThan(5 * Math.sqrt(variance / N));
  }

  /** The chi-square statistic of a uniform histogram, as standard deviations from its mean. */
  function chiSquare(counts: readonly number[]): number {
    const expected = counts.reduce((a, b) => a + b) / counts.length;
    const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    const degrees = counts.length - 1;
    return (statistic - degrees) / Math.sqrt(2 * degrees);
  }

  function histogram(values: Iterable<number>, bins: number): number[] {
    const counts = new Array<number>(bins).fill(0);
    for (const value of values) counts[value]++;
    return counts;
  }

  it('normals have the moments and the tails of the normal distribution', () => {
    const values = createRng(7).normals(N);
    const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / N;
    expectMean(moment(1), 0, 1);
    expectMean(moment(2), 1, 2);
    expectMean(moment(3), 0, 15);
    expectMean(moment(4), 3, 96);
    const share = (bound: number): number => values.filter((value) => Math.abs(value) > bound).length / N;
    for (const [bound, expected] of [
      [1, 0.317311],
      [2, 0.0455],
      [3, 0.0026998],
      [4, 6.334e-5],
    ]) {
      expectMean(share(bound), expected, expected);
    }
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('uniforms lie in [0, 1) and fill it evenly, in two dimensions too', () => {
    const values = createRng(8).uniforms(N);
    expect(values.every((value) => value >= 0 && value < 1 && Number.isInteger(value * 2 ** 24))).toBe(true);
    const cells = values.map((value) => Math.floor(value * 16));
    expect(Math.abs(chiSquare(histogram(cells, 16)))).toBeLessThan(5);
    const pairs = cells.subarray(1).map((cell, i) => 16 * cell + cells[i]);
    expect(Math.abs(chiSquare(histogram(pairs, 256)))).toBeLessThan(5);
  });

  it.each([3, 10, 1000])('integers below %d are equally likely', (bound) => {
    const rng = createRng(9);
    const values = Array.from({ length: 100_000 }, () => rng.integer(bound));
    expect(Math.abs(chiSquare(histogram(values, bound)))).toBeLessThan(5);
  });

  it('integers have no bias where the bound does not divide 2^32', () => {
    const rng = createRng(10);
    const bound = 3 * 2 ** 30;
    const low = Array.from({ length: N / 4 }, () => rng.integer(bound)).filter((value) => value < bound / 2);
    expectMean(low.length / (N / 4), 0.5, 1);
    expect(createRng(1).integer(1)).toBe(0);
    expect(createRng(1).integer(2 ** 32)).toBe(createRng(1).uint32());
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, NaN])('there is no integer below %d', (bound) => {
    expect(() => createRng(1).integer(bound)).toThrow(/integer: the bound is/);
  });

  it('permutations hold each number once, each order equally likely', () => {
    expect([...createRng(1).permutation(1000)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    expect(createRng(1).permutation(0)).toHaveLength(0);
    const rng = createRng(11);
    const orders = Array.from({ length: 24_000 }, () => rng.permutation(4).join(''));
    const counts = [...new Set(orders)].map((order) => orders.filter((other) => other === order).length);
    expect(counts).toHaveLength(24);
    expect(Math.abs(chiSquare(counts))).toBeLessThan(5);
  });
});
