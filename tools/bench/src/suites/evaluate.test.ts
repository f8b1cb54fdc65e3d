import { expect, test } from 'vitest';
import { measureEvaluate } from './evaluate.js';

test('reports every measure, once', { timeout: 120_000 }, async () => {
  const task = {
    name: 'a',
    label: 'a',
    numQuestions: 2,
    numChoices: 2,
    promptLength: 3,
    contextLength: 4,
    choiceLength: 2,
    ratioFloor: 2,
  };
  const [group] = await measureEvaluate(
    { model: 'shipped', choiceTasks: [task], rounds: 1 },
    { progress: () => {} },
  );
  expect(group.measures.map(({ name }) => name)).toEqual(['choice.a', 'choice.a.alone', 'choice.a.ratio']);
  for (const { value } of group.measures) expect(value).toBeGreaterThan(0);
});
