import { runEvaluator, type Evaluator, type Predictors } from '@transfusion/evaluators';
import { evaluatorChecks } from '@transfusion/evaluators/testing';
import { describe, expect, test } from 'vitest';
import { newMetric } from './index.js';

const examples = [0, 1, 2, 3].map((level) => ({
  prompt: [{ modality: 'text', value: String(level) }],
  reference: [level, -level],
}));

/** Generates the number of the prompt twice. */
const predict: Pick<Predictors, 'generate'> = {
  async *generate(tasks) {
    for await (const { prompt } of tasks) yield [Number(prompt[0].value), Number(prompt[0].value)];
  },
};

const evaluatorOf = (all: readonly object[]): Evaluator =>
  newMetric({ output: 'curve', examples: () => all as typeof examples });

describe('the contract', () => {
  for (const { name, run } of evaluatorChecks(evaluatorOf(examples), { predict })) test(name, run);
});

test('the score is the mean of absolute differences', async () => {
  const { metrics } = await runEvaluator(evaluatorOf(examples), predict, { subject: 'a fake model' });
  expect(metrics).toMatchObject([
    { name: 'mean absolute error', value: 1.5, count: 4, values: [0, 1, 2, 3] },
  ]);
});

test.each([[[]], [[1]], [[1, 2, 3]]])('the reference %j cannot be compared', async (reference) => {
  const evaluator = evaluatorOf([{ ...examples[0], reference }]);
  await expect(runEvaluator(evaluator, predict, { subject: 'a fake model' })).rejects.toThrow(
    `the value of example 0 has 2 numbers, expected ${reference.length}`,
  );
});
