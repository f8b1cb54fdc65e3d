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
  const groups = await measureEvaluate(
    { model: 'shipped', choiceTasks: [task], rounds: 1, distance: { count: 20, length: 32 }, numImages: 8 },
    { progress: () => {} },
  );
  const measures = groups.flatMap((group) => group.measures);
  expect(measures.map(({ name }) => name)).toEqual([
    'choice.a',
    'choice.a.alone',
    'choice.a.ratio',
    'fid.seconds',
    'fid.memory',
    'fid.features',
  ]);
  for (const { value } of measures) expect(value).toBeGreaterThan(0);
});
