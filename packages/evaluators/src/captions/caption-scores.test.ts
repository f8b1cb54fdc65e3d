import { describe, expect, it } from 'vitest';
import { runEvaluator } from '../contract/run-evaluator.js';
import type { Evaluator } from '../contract/evaluator.js';
import type { GenerationTask, Predictors } from '../contract/predictors.js';
import { evaluatorChecks } from '../testing.js';
import golden from '../golden/captions.json' with { type: 'json' };
import { captionScores, type CaptionExample, type CaptionScoresOptions } from './caption-scores.js';

const [{ samples, mean, scores, bleu }] = golden;
/** The value to caption is the number of the sample, so that the model can say its candidate. */
const examples = samples.map(({ references }, value) => ({ modality: 'image', value, references }));

function model(captions: readonly unknown[], seen: GenerationTask[] = []): Pick<Predictors, 'generate'> {
  return {
    async *generate(tasks) {
      // Reads all tasks first, as a model that works in batches may.
      for await (const task of tasks) seen.push(task);
      for (const { prompt } of seen) yield captions[prompt[0].value as number];
    },
  };
}

const candidates = samples.map(({ candidate }) => candidate);
const run = (
  options: Partial<CaptionScoresOptions> = {},
  predict: Pick<Predictors, 'generate'> = model(candidates),
  runOptions = {},
) =>
  runEvaluator(
    captionScores({ name: 'captions', examples: () => examples, ...options }) as Evaluator,
    predict,
    {
      subject: 'a model',
      ...runOptions,
    },
  );

/** Captions that depend on the task alone. */
const direct: Pick<Predictors, 'generate'> = {
  async *generate(tasks) {
    for await (const { prompt, seed } of tasks) yield `${candidates[prompt[0].value as number]} ${seed}`;
  },
};
it.each(
  evaluatorChecks(captionScores({ name: 'captions', examples: () => examples }) as Evaluator, {
    predict: direct,
  }),
)('$name', ({ run: check }) => check());

it('has the scores of COCO’s evaluation, with intervals', async () => {
  const { metrics, examples: stored } = await run();
  expect(metrics.map(({ name, count }) => [name, count])).toEqual([
    ['BLEU-4', samples.length],
    ['CIDEr-D', samples.length],
    ['exact match', samples.length],
  ]);
  expect(metrics[0].value).toBeCloseTo(bleu.corpus[3], 10);
  expect(metrics[1].value).toBeCloseTo(mean, 10);
  expect(metrics[1].values).toHaveLength(scores.length);
  expect(metrics[2].value).toBeCloseTo(1 / samples.length, 10);
  for (const { value, interval } of metrics) {
    expect(interval![0]).toBeLessThan(value);
    expect(interval![1]).toBeGreaterThan(value);
  }
  expect(stored[1].result).toEqual({ caption: candidates[1], references: samples[1].references });
});

it('asks for a text per value, by seeds that do not depend on the shard', async () => {
  const seen: GenerationTask[] = [];
  const shard = { index: 1, count: 2 };
  const { provenance } = await run({ seed: 10, provenance: { data: 'x' } }, model(candidates, seen), {
    shard,
  });
  expect(seen.map(({ seed }) => seed)).toEqual([11, 13, 15]);
  expect(seen[0]).toEqual({ prompt: [{ modality: 'image', value: 1 }], output: 'text', seed: 11 });
  expect(provenance).toEqual({ words: 'runs of letters and digits, in lower case', seed: 10, data: 'x' });
});

it('shows the value, its caption and the references', async () => {
  const shown: unknown[] = [];
  await run({}, model(candidates), {
    limit: 2,
    show: async (_: number, values: unknown) => shown.push(values),
  });
  expect(shown[1]).toEqual([
    { label: 'image', modality: 'image', value: 1 },
    { label: 'generated', modality: 'text', value: candidates[1] },
    { label: 'references', modality: 'text', value: samples[1].references.join('\n') },
  ]);
});

it('normalizes for an exact match', async () => {
  const pairs: [string, string][] = [
    ['A red heart!', 'a red  heart'],
    ['heart red a', 'a red heart'],
  ];
  const { metrics } = await run(
    {
      examples: () =>
        pairs.map(([, reference], value) => ({ ...examples[0], value, references: [reference] })),
    },
    model(pairs.map(([caption]) => caption)),
  );
  expect(metrics[2].values).toEqual([1, 0]);
});

describe('refuses', () => {
  it.each<[readonly unknown[], string]>([
    [[], 'captions: example 1 has no references, expected at least one.'],
    [['a heart', '…'], 'captions: reference 1 of example 1 is "…", expected a text with at least one word.'],
    [[3], 'captions: reference 0 of example 1 is 3, expected a text'],
  ])('the references %j', async (references, message) => {
    const wrong = [examples[0], { ...examples[1], references }] as readonly CaptionExample[];
    await expect(run({ examples: () => wrong })).rejects.toThrow(message);
  });

  it('what is not a caption', async () => {
    await expect(run({}, model(['a', 5]))).rejects.toThrow(
      'captions: the caption of example 1 is of type number, expected a string.',
    );
  });

  it('a model that leaves captions out, or adds some', async () => {
    const lossy: Pick<Predictors, 'generate'> = {
      async *generate(tasks) {
        for await (const _ of tasks) void _;
        yield 'a';
      },
    };
    await expect(run({}, lossy)).rejects.toThrow('captions: the model predicted 1 values for 7 tasks');
    const eager: Pick<Predictors, 'generate'> = {
      async *generate(tasks) {
        for await (const { seed } of tasks) yield* [`a ${seed}`, 'b'];
      },
    };
    await expect(run({}, eager)).rejects.toThrow('the model predicted more than 1 values for 1 tasks');
  });

  it('a single caption, which has no rare words', async () => {
    await expect(run({}, model(candidates), { limit: 1 })).rejects.toThrow(
      'ciderD: found 1 samples, expected at least 2.',
    );
  });
});
