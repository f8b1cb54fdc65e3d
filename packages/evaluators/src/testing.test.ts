import { describe, expect, test } from 'vitest';
import { meanMetric, type Evaluator, type Predictors } from './index.js';
import { evaluatorChecks } from './testing.js';

interface Example {
  readonly word: string;
  readonly seed: number;
}

/** Sums of generated numbers. */
const right: Evaluator<'generate', Example, { sum: number }> = {
  specificationVersion: 'v1',
  name: 'sums',
  needs: ['generate'],
  provenance: {},
  examples: () => ['a', 'b', 'c', 'd', 'e'].map((word, seed) => ({ word, seed })),
  async *evaluate({ generate }, examples) {
    async function* tasks() {
      for await (const { word, seed } of examples) {
        yield { prompt: [{ modality: 'text', value: word }], output: 'number', seed };
      }
    }
    for await (const sum of generate(tasks())) yield { result: { sum: sum as number } };
  },
  summarize: (results) => [
    meanMetric(
      'sum',
      results.map(({ sum }) => sum),
    ),
  ],
};

const predict: Partial<Predictors> = {
  async *generate(tasks) {
    for await (const { prompt, seed } of tasks) yield (prompt[0].value as string).charCodeAt(0) + seed;
  },
};

const untyped = right;

describe('an evaluator as it should be', () => {
  for (const { name, run } of evaluatorChecks(untyped, { predict })) test(name, run);
});

let numCalls = 0;
const wrong: readonly [law: string, fields: object, message: string][] = [
  ['fields', { needs: ['logLikelihood'] }, 'needs the prediction functions logLikelihood'],
  [
    'examples',
    { examples: () => [{ word: 'a', seed: 0 }] },
    'examples() has 1 examples, expected at least 3',
  ],
  [
    'examples',
    { examples: () => ['a', 'b', 'c'].map((word) => ({ word, seed: numCalls++ })) },
    'examples() yields another example 0 the second time',
  ],
  ['metrics', { summarize: () => [] }, 'summarize() returned no metrics'],
  ['metrics', { summarize: () => [{ name: 'x', value: NaN, count: 1 }] }, "the metric 'x' is NaN"],
  ['metrics', { summarize: () => [{ name: 'x', value: 1, count: 0 }] }, "'x' has the count 0"],
  [
    'metrics',
    { summarize: () => [1, 1].map((value) => ({ name: 'x', value, count: 1 })) },
    "two metrics 'x'",
  ],
  [
    'metrics',
    { summarize: () => [{ name: 'x', value: 1, count: 1, interval: [2, 1] }] },
    "the interval of 'x' is [2, 1]",
  ],
  [
    'metrics',
    { summarize: () => [{ name: 'x', value: 1, count: 2, values: [1] }] },
    "'x' has 1 values, expected 2",
  ],
  [
    'metrics',
    { summarize: () => [{ name: 'x', value: 1, count: 2, values: [1, 2] }] },
    "'x' is 1, expected 1.5: the mean of its values",
  ],
  ['shards', { evaluate: counting }, 'Make what is random a part of the example'],
  ['goes on', { evaluate: counting }, 'Make what is random a part of the example'],
];

test.each(wrong)('one with wrong %s: %o', async (law, fields, message) => {
  const checks = evaluatorChecks({ ...untyped, ...fields } as Evaluator, { predict });
  const check = checks.find(({ name }) => name.includes(law))!;
  await expect(Promise.resolve().then(() => check.run())).rejects.toThrow(message);
});

test('each check has a wrong evaluator', () => {
  const names = evaluatorChecks(untyped, { predict }).map(({ name }) => name);
  expect(names.filter((name) => !wrong.some(([law]) => name.includes(law)))).toEqual([]);
});

/** Takes a seed from the place in the evaluation, instead of from the example. */
async function* counting(_: unknown, examples: AsyncIterable<Example>) {
  let seed = 0;
  for await (const { word } of examples) yield { result: { sum: word.charCodeAt(0) + seed++ } };
}
