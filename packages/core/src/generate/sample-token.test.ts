import { createRng } from '@transfusion/nn';
import fc from 'fast-check';
import { expect, it } from 'vitest';
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
