import { expect, test } from 'vitest';
import { compareMetrics } from '../contract/compare-metrics.js';
import type { Predictors } from '../contract/predictors.js';
import { runEvaluator } from '../contract/run-evaluator.js';
import { perplexity, type PerplexityOptions } from './perplexity.js';

const texts = ['one two', 'drei', 'vier fünf  sechs', 'a'];

/** A model that gives each letter the same probability; each letter is a token. */
function uniform(numLetters: number): Pick<Predictors, 'rollingLogLikelihood'> {
  return {
    async *rollingLogLikelihood(inputs) {
      for await (const text of inputs) {
        yield { logProb: -text.length * Math.log(numLetters), numTokens: text.length };
      }
    },
  };
}

const run = (options: PerplexityOptions, predict: Partial<Predictors> = uniform(30)) =>
  runEvaluator(perplexity(options), predict, { subject: 'letters' });

test('is that of a model with equal probabilities, per token, word and byte', async () => {
  const { metrics, examples } = await run({ texts });
  const [token, word, byte, bits] = metrics;
  const [letters, words, bytes] = [28, 7, 29];
  expect(metrics.map(({ name }) => name)).toEqual([
    'perplexity per token',
    'perplexity per word',
    'perplexity per byte',
    'bits per byte',
  ]);
  expect(token).toMatchObject({ count: letters, betterIs: 'lower' });
  expect(token.value).toBeCloseTo(30, 9);
  // All texts have the same perplexity per token, but not per word.
  expect(token.interval![1] - token.interval![0]).toBeCloseTo(0, 9);
  expect(word.value / 30 ** (letters / words)).toBeCloseTo(1, 9);
  expect(word.interval![0]).toBeLessThan(word.value);
  expect(word.interval![1]).toBeGreaterThan(word.value);
  expect(byte.value).toBeCloseTo(30 ** (letters / bytes), 9);
  expect(bits.value).toBeCloseTo((letters / bytes) * Math.log2(30), 9);
  expect(bits.values!.reduce((sum, value) => sum + value, 0) / 4).toBeCloseTo(bits.value, 9);
  expect(examples[2].result).toMatchObject({ numTokens: 16, numWords: 3, numBytes: 17 });
});

test('models are compared by pairs of texts', async () => {
  const [first, second] = await Promise.all([run({ texts }), run({ texts }, uniform(20))]);
  const { difference, pValue } = compareMetrics(first.metrics[3], second.metrics[3]);
  expect(difference).toBeCloseTo((28 / 29) * Math.log2(20 / 30), 9);
  // The least that so few texts can have.
  expect(pValue).toBe(2 / 2 ** texts.length);
});

test('texts of a generator are opened anew', async () => {
  const evaluator = perplexity({
    name: 'own',
    texts: async function* () {
      yield* texts;
    },
  });
  for (let round = 0; round < 2; round++) {
    const found: string[] = [];
    for await (const text of evaluator.examples()) found.push(text);
    expect(found).toEqual(texts);
  }
});

test.each([
  [{ texts: [] }, 'perplexity: found no examples'],
  [{ name: 'own', texts: ['', ''] }, 'own: found 2 texts without a token, expected at least one token.'],
  [
    { texts: [{ text: 'a' }] as unknown as string[] },
    'perplexity: found a text of type object, expected a string.',
  ],
])('refuses %o', async (options, message) => {
  await expect(run(options)).rejects.toThrow(message);
});

test('refuses likelihoods that are no numbers', async () => {
  const broken: Partial<Predictors> = {
    async *rollingLogLikelihood(inputs) {
      for await (const text of inputs) yield { logProb: NaN, numTokens: text.length };
    },
  };
  await expect(run({ texts }, broken)).rejects.toThrow(
    'the result of example 0 has logProb = NaN, expected JSON',
  );
});
