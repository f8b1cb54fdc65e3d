import { createRng } from '@transfusion/nn';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTokenSampling, sampleToken, type TokenSamplingOptions } from './sample-token.js';

/** Reference implementation of the sampling probabilities. */
function expectedProbabilities(
  logits: readonly number[],
  { temperature = 1, topK = logits.length, topP = 1 }: TokenSamplingOptions,
): number[] {
  const scaled = logits.map((logit) => logit / temperature);
  const order = [...logits.keys()].sort((a, b) => scaled[b] - scaled[a] || a - b);
  const inTopK = new Set(order.slice(0, topK));
  const weights = scaled.map((logit, id) => (inTopK.has(id) ? Math.exp(logit) : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const nucleus = new Set<number>();
  let mass = 0;
  for (const id of order) {
    if (nucleus.size > 0 && mass >= topP - 1e-12) break;
    nucleus.add(id);
    mass += weights[id] / total;
  }
  const kept = weights.map((weight, id) => (nucleus.has(id) ? weight : 0));
  const keptTotal = kept.reduce((sum, weight) => sum + weight, 0);
  return kept.map((weight) => weight / keptTotal);
}

const logits = [1, 3, -2, 2.5, 0, 3.2];

it.each<TokenSamplingOptions>([
  {},
  { temperature: 0.5 },
  { temperature: 2 },
  { topK: 3 },
  { topP: 0.6 },
  { topP: 0.05 },
  { topK: 4, topP: 0.8, temperature: 1.5 },
])('%j gives the expected probabilities', (options) => {
  const expected = expectedProbabilities(logits, options);
  const rng = createRng(1);
  const counts = logits.map(() => 0);
  const DRAWS = 4000;
  for (let i = 0; i < DRAWS; i++) counts[sampleToken(Float32Array.from(logits), options, rng)]++;
  expected.forEach((probability, id) => {
    if (probability === 0) expect(counts[id]).toBe(0);
    // Four standard deviations.
    const limit = 4 * Math.sqrt((probability * (1 - probability)) / DRAWS);
    expect(Math.abs(counts[id] / DRAWS - probability)).toBeLessThanOrEqual(limit + 1e-9);
  });
});

it('samples only tokens that the options allow', () => {
  const cases = fc.record({
    logits: fc.array(
      fc.integer({ min: -50, max: 50 }).map((x) => x / 10),
      { minLength: 1, maxLength: 8 },
    ),
    topK: fc.integer({ min: 1, max: 10 }),
    topP: fc.double({ min: 0.05, max: 1, noNaN: true }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(cases, ({ logits: values, topK, topP, seed }) => {
      const id = sampleToken(Float32Array.from(values), { topK, topP }, createRng(seed));
      const slack = { topK, topP: Math.min(1, topP + 1e-5) };
      expect(expectedProbabilities(values, slack)[id]).toBeGreaterThan(0);
    }),
  );
});

it('temperature 0 is greedy, prefers the first of equal logits, and uses no random number', () => {
  const rng = createRng(1);
  expect(sampleToken(Float32Array.from(logits), { temperature: 0 }, rng)).toBe(5);
  expect(sampleToken(Float32Array.of(1, 4, 4), { temperature: 0, topK: 1 }, rng)).toBe(1);
  expect(rng.state().position).toBe(0);
});

it('never samples an id whose logit is -Infinity', () => {
  const masked = Float32Array.of(-Infinity, -5, -Infinity, -5);
  const ids = Array.from({ length: 50 }, (_, seed) => sampleToken(masked, {}, createRng(seed)));
  expect(new Set(ids)).toEqual(new Set([1, 3]));
});

it.each([[[NaN, 1]], [[1, Infinity]], [[-Infinity, -Infinity]], [[]]])('refuses the logits %j', (values) => {
  expect(() => sampleToken(Float32Array.from(values), {}, createRng(1))).toThrow(
    'sampleToken: expected at least one finite logit, and no NaN or +Infinity',
  );
});

it.each<[TokenSamplingOptions, string]>([
  [{ temperature: -1 }, 'temperature is -1, expected a finite number of at least 0'],
  [{ temperature: NaN }, 'temperature is NaN'],
  [{ topK: 0 }, 'topK is 0, expected a positive integer'],
  [{ topP: 0 }, 'topP is 0, expected more than 0 and at most 1'],
  [{ topP: 1.5 }, 'topP is 1.5'],
])('refuses %j', (options, message) => {
  expect(() => checkTokenSampling(options)).toThrow(`generate: ${message}`);
});

describe('min-p', () => {
  // Probabilities 0.5, 0.3, 0.15, 0.05; the logits of the reference are their logarithms.
  const fromLikely = [0.5, 0.3, 0.15, 0.05].map(Math.log);

  /** Returns how often each id is sampled. */
  function frequencies(options: TokenSamplingOptions, draws = 4000): number[] {
    const rng = createRng(2);
    const counts = fromLikely.map(() => 0);
    for (let i = 0; i < draws; i++) counts[sampleToken(Float32Array.from(fromLikely), options, rng)]++;
    return counts.map((count) => count / draws);
  }

  it.each<[TokenSamplingOptions, number[]]>([
    [{ minP: 0.25 }, [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0]],
    [{ minP: 0.5 }, [0.5 / 0.8, 0.3 / 0.8, 0, 0]],
    [{ minP: 1 }, [1, 0, 0, 0]],
    // Squared probabilities: 0.25, 0.09, 0.0225, 0.0025.
    [{ minP: 0.3, temperature: 0.5 }, [0.25 / 0.34, 0.09 / 0.34, 0, 0]],
    // The fraction is of the most likely token, whatever top-k and top-p have cut off.
    [{ minP: 0.25, topK: 2 }, [0.5 / 0.8, 0.3 / 0.8, 0, 0]],
    [{ minP: 0.5, topP: 0.9 }, [0.5 / 0.8, 0.3 / 0.8, 0, 0]],
    [{ minP: 0.05, topP: 0.7 }, [0.5 / 0.8, 0.3 / 0.8, 0, 0]],
  ])('%j', (options, expected) => {
    frequencies(options).forEach((frequency, id) => {
      const limit = 4 * Math.sqrt((expected[id] * (1 - expected[id])) / 4000);
      expect(Math.abs(frequency - expected[id])).toBeLessThanOrEqual(limit);
    });
  });

  it('0 is off: every seed gives the same token', () => {
    expect(frequencies({ minP: 0 }, 200)).toEqual(frequencies({}, 200));
  });
});

describe('many logits', () => {
  const n = 32_000;
  const random = createRng(3).normals(n);
  const rounded = random.map((x) => Math.round(x * 4) / 4);
  const ascending = Float32Array.from(random).sort();

  it.each([
    ['random', random],
    ['with ties, and both zeros', rounded],
    ['in the worst order', ascending],
  ])('%s: top-k is the k first of all sorted', (_, values) => {
    const order = [...values.keys()].sort((a, b) => values[b] - values[a] || a - b);
    for (const topK of [1, 3, 400, n - 1]) {
      const limits = { temperature: 100, topK };
      const seen = new Set<number>();
      for (let seed = 0; seed < 20; seed++) seen.add(sampleToken(values, limits, createRng(seed)));
      const allowed = new Set(order.slice(0, topK));
      for (const id of seen) expect(allowed.has(id)).toBe(true);
      if (topK === 3) expect(seen).toEqual(new Set(order.slice(0, 3)));
    }
    expect(sampleToken(values, { temperature: 0 }, createRng(1))).toBe(order[0]);
    // Nearly uniform: top-p keeps thousands, of which the first few do not suffice.
    const ranks = new Map(order.map((id, rank) => [id, rank]));
    const sampled = (limits: TokenSamplingOptions): number[] =>
      Array.from({ length: 20 }, (__, seed) =>
        ranks.get(sampleToken(values, { temperature: 100, ...limits }, createRng(seed)))!,
      );
    for (const [limits, most] of [
      [{ topP: 0.5 }, 0.52 * n],
      [{ minP: 0.97 }, 0.6 * n],
      [{}, n],
    ] as const) {
      const found = Math.max(...sampled(limits));
      expect(found).toBeLessThan(most);
      expect(found).toBeGreaterThan(2000);
    }
  });
});

it.each<[TokenSamplingOptions, string]>([
  [{ minP: -0.1 }, 'minP is -0.1, expected a number from 0 to 1'],
  [{ minP: 1.1 }, 'minP is 1.1'],
  [{ minP: NaN }, 'minP is NaN'],
  [{ repetitionPenalty: 0 }, 'repetitionPenalty is 0, expected a finite number above 0'],
  [{ repetitionPenalty: Infinity }, 'repetitionPenalty is Infinity'],
])('refuses %j', (options, message) => {
  expect(() => checkTokenSampling(options)).toThrow(`generate: ${message}`);
});
