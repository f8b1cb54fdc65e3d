import { expect, test } from 'vitest';
import type { Predictors } from '../contract/predictors.js';
import { runEvaluator } from '../contract/run-evaluator.js';
import { multipleChoice, type ChoiceExample, type MultipleChoiceOptions } from './multiple-choice.js';

/** A question with a right choice; `scores` are the likelihoods. */
function question(choices: Record<string, number>, answer: number): ChoiceExample & { scores: number[] } {
  const texts = Object.keys(choices);
  const requests = texts.map((text) => ({ context: 'Q', continuation: ` ${text}` }));
  return { requests, choices: texts, answers: [answer], scores: Object.values(choices) };
}

/** Yields the likelihoods after all requests are read, as a model that works in batches. */
function scripted(questions: readonly { scores: number[] }[]): Pick<Predictors, 'logLikelihood'> {
  const scores = questions.flatMap((one) => one.scores);
  return {
    async *logLikelihood(requests) {
      let count = 0;
      for await (const request of requests) count += request.context === 'Q' ? 1 : 0;
      for (const logProb of scores.slice(0, count)) yield { logProb, numTokens: 1, isGreedy: false };
    },
  };
}

const questions = [
  question({ ja: -4, nein: -5, ü: -4.5 }, 0),
  question({ short: -10, 'much longer': -11 }, 1),
  // The longest per character; per byte it is the other one.
  question({ ab: -4, üüü: -7 }, 0),
  question({ a: -1, b: -1 }, 0),
];
const run = (options: Partial<MultipleChoiceOptions> = {}) =>
  runEvaluator(multipleChoice({ name: 'own', examples: questions, ...options }), scripted(questions), {
    subject: 'scripted',
  });

test('chooses by likelihood, per character and per byte', async () => {
  const { metrics, examples } = await run({ metrics: ['acc', 'acc_norm', 'acc_bytes'] });
  expect(examples.map(({ result }) => result.chosen)).toEqual([
    { acc: 0, acc_norm: 1, acc_bytes: 1 },
    { acc: 0, acc_norm: 1, acc_bytes: 1 },
    { acc: 0, acc_norm: 0, acc_bytes: 1 },
    { acc: 0, acc_norm: 0, acc_bytes: 0 },
  ]);
  expect(metrics.map(({ name, value }) => [name, value])).toEqual([
    ['acc', 0.75],
    ['acc_norm', 0.75],
    ['acc_bytes', 0.5],
  ]);
  expect(metrics[0]).toMatchObject({ count: 4, unit: 'share', betterIs: 'higher', values: [1, 0, 1, 1] });
  expect(metrics[0].interval![0]).toBeLessThan(0.75);
});

test('any of several answers is right', async () => {
  const examples = questions.map((one) => ({ ...one, answers: [0, 1] }));
  const { metrics } = await run({ examples });
  expect(metrics.map(({ value }) => value)).toEqual([1, 1]);
});

const [right] = questions;
test.each([
  [{ ...right, requests: right.requests.slice(0, 1) }, 'own: example 0 has 1 choices, expected at least 2.'],
  [
    { ...right, choices: ['a'] },
    'own: example 0 has 1 choices and 3 requests, expected one request for each choice.',
  ],
  [{ ...right, answers: [] }, 'own: example 0 has no right choice, expected at least one.'],
  [{ ...right, answers: [3] }, 'own: example 0 has the right choice 3, expected 0 to 2.'],
  [{ ...right, choices: ['a', '', 'b'] }, 'own: example 0 has the empty choice 1, expected a text.'],
])('refuses %o', async (example, message) => {
  await expect(run({ examples: [example] })).rejects.toThrow(message);
});
