/** Tasks of the package against those of lm-evaluation-harness: requests, answers and scores. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Evaluator } from '../contract/evaluator.js';
import type { Predictors } from '../contract/predictors.js';
import { runEvaluator } from '../contract/run-evaluator.js';
import { taskNames } from '../task-files.js';
import type { ChoiceExample } from '../text/multiple-choice.js';
import { lmEvalTask, type LmEvalTask, type LmEvalTaskOptions } from './lm-eval-task.js';

interface GoldenTask {
  readonly metrics: Record<string, number>;
  readonly samples: readonly { readonly arguments: [string, string][]; readonly logProbs: number[] }[];
}
const golden = JSON.parse(
  await readFile(new URL('../golden/lm-eval-tasks.json', import.meta.url), 'utf8'),
) as {
  readonly docs: Record<string, object[]>;
  readonly tasks: Record<string, GoldenTask>;
};

/** Answers with the likelihoods of lm-evaluation-harness. */
function goldenPredictors({ samples }: GoldenTask): Partial<Predictors> {
  const known = new Map(
    samples.flatMap((sample) =>
      sample.arguments.map((args, i) => [args.join('|'), sample.logProbs[i]] as const),
    ),
  );
  const logProbOf = (key: string): number => {
    const found = known.get(key);
    if (found === undefined) throw new Error(`no golden request ${key}`);
    return found;
  };
  return {
    async *logLikelihood(requests) {
      for await (const { context, continuation } of requests) {
        yield { logProb: logProbOf(`${context}|${continuation}`), numTokens: 1, isGreedy: false };
      }
    },
    async *rollingLogLikelihood(texts) {
      for await (const text of texts) yield { logProb: logProbOf(text), numTokens: text.length };
    },
  };
}

async function fileOf(name: string, content: string | readonly object[]): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'task-')), name);
  await writeFile(
    path,
    typeof content === 'string' ? content : content.map((row) => JSON.stringify(row)).join('\n'),
  );
  return path;
}

/** The options of a task over the golden documents; those of examples are in the opposite order. */
async function goldenOptions(name: string): Promise<LmEvalTaskOptions> {
  const docs = golden.docs[name.replace('_fewshot', '')];
  const rows = await fileOf('rows.jsonl', docs);
  const train = await fileOf('train.json', JSON.stringify([...docs].reverse()));
  return {
    dataFiles: { validation: rows, test: rows, train },
    numFewshot: name.endsWith('_fewshot') ? 1 : 0,
  };
}

async function metricsOf(task: LmEvalTask, predict: Partial<Predictors>): Promise<Record<string, number>> {
  const { metrics } = await runEvaluator(task as Evaluator, predict, { subject: 'golden' });
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

async function examplesOf(task: LmEvalTask): Promise<ChoiceExample[]> {
  const examples: ChoiceExample[] = [];
  for await (const example of task.examples() as AsyncIterable<ChoiceExample>) examples.push(example);
  return examples;
}

const choiceTasks = Object.keys(golden.tasks).filter((name) => name !== 'corpus');

test('all tasks of the package are compared', () => {
  expect(taskNames().sort()).toEqual(choiceTasks.filter((name) => !name.endsWith('_fewshot')).sort());
});

test.each(choiceTasks)('%s', async (name) => {
  let task = name;
  if (name.endsWith('_fewshot')) {
    const shipped = new URL(`../../tasks/${name.replace('_fewshot', '')}.yaml`, import.meta.url).pathname;
    task = await fileOf('task.yaml', `include: ${shipped}\nfewshot_config:\n  sampler: first_n\n`);
  }
  const evaluator = await lmEvalTask(task, await goldenOptions(name));
  const { samples, metrics } = golden.tasks[name];
  const examples = await examplesOf(evaluator);
  expect(examples.map(({ requests }) => requests.map((r) => [r.context, r.continuation]))).toEqual(
    samples.map((sample) => sample.arguments),
  );
  const found = await metricsOf(evaluator, goldenPredictors(golden.tasks[name]));
  expect(Object.keys(found)).toContain('acc');
  for (const [metric, value] of Object.entries(found))
    expect([metric, value]).toEqual([metric, metrics[metric]]);
});

const corpus = `task: corpus
dataset_path: json
dataset_kwargs:
  data_files:
    validation: rows.jsonl
output_type: loglikelihood_rolling
validation_split: validation
doc_to_text: ''
doc_to_target: '{{text}}'
metric_list:
  - metric: word_perplexity
metadata:
  version: 1.0
`;

test('perplexity of texts, from files beside the task', async () => {
  const rows = await fileOf('rows.jsonl', golden.docs.corpus);
  const path = join(rows, '..', 'corpus.yaml');
  await writeFile(path, corpus);
  const found = await metricsOf(await lmEvalTask(path), goldenPredictors(golden.tasks.corpus));
  const { metrics } = golden.tasks.corpus;
  expect(found['perplexity per word'] / metrics.word_perplexity).toBeCloseTo(1, 6);
  expect(found['perplexity per byte'] / metrics.byte_perplexity).toBeCloseTo(1, 6);
  expect(found['bits per byte']).toBeCloseTo(metrics.bits_per_byte, 6);
});

test('a question is not among the examples before it, and they do not depend on shards', async () => {
  const task = await fileOf('task.yaml', choice.replace('version: 1', 'version: 1\nnum_fewshot: 2'));
  const docs = ['a', 'b', 'c', 'd'].map((q) => ({ q, label: 0 }));
  const dataFiles = { validation: await fileOf('rows.jsonl', docs) };
  const contexts = (await examplesOf(await lmEvalTask(task, { dataFiles }))).map(
    ({ requests }) => requests[0].context,
  );
  contexts.forEach((context, i) => {
    const lines = context.split('\n\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe(`Q ${docs[i].q}`);
    expect(new Set(lines).size).toBe(3);
    for (const line of lines.slice(0, 2)) expect(line).toMatch(/^Q [abcd] yes$/);
    expect(lines).not.toContain(`Q ${docs[i].q} yes`);
  });
  expect(new Set(contexts.map((context) => context.slice(0, 12))).size).toBeGreaterThan(1);
});

const choice = `task: own
dataset_path: json
output_type: multiple_choice
validation_split: validation
doc_to_text: 'Q {{q}}'
doc_to_target: label
doc_to_choice: ['yes', 'no']
metric_list:
  - metric: acc
metadata:
  version: 1
`;

describe('refuses', () => {
  const task = (from: string | RegExp, to: string): string => choice.replace(from, to);
  test.each([
    ['a missing field', task(/task: own\n/, ''), 'task.yaml: task is missing, expected a text.'],
    [
      'no templates',
      task(/doc_to_choice.*\n/, ''),
      'task.yaml: doc_to_choice is missing, expected a text or a list of texts.',
    ],
    [
      'no metrics',
      task(/metric_list:\n.*\n/, ''),
      'task.yaml: metric_list is missing, expected a list of acc, acc_norm, acc_bytes.',
    ],
    [
      'no version',
      task('version: 1', 'other: 1'),
      'task.yaml: metadata.version is missing, expected a number.',
    ],
    ['no split', task(/validation_split.*\n/, ''), 'task.yaml: test_split or validation_split is missing'],
    [
      'an unknown field',
      task('dataset_path', 'data_path'),
      'task.yaml: the field data_path is unknown, expected task, ',
    ],
    ['a misspelled field', task('doc_to_text', 'doc_to_txt'), "Did you mean 'doc_to_text'?"],
    [
      'another output',
      task('multiple_choice', 'generate_until'),
      "output_type is \"generate_until\", expected 'multiple_choice' or 'loglikelihood_rolling'.",
    ],
    [
      'another metric',
      task('metric: acc', 'metric: f1'),
      "metric_list[0].metric is \"f1\", expected 'acc' or 'acc_norm' or 'acc_bytes'.",
    ],
    [
      'a wrong type',
      task(/doc_to_text.*/, 'doc_to_text: [a]'),
      'task.yaml: doc_to_text is ["a"], expected a template, a field or a number.',
    ],
    [
      'Python',
      task(/doc_to_text.*/, 'doc_to_text: !function utils.f'),
      "task.yaml: doc_to_text is the Python function 'utils.f' (!function), which cannot run here",
    ],
    [
      'a template that cannot be parsed',
      task('{{q}}', '{{q'),
      'task.yaml: doc_to_text: the template cannot be parsed',
    ],
    ['no YAML', 'task: [', 'task.yaml: found no YAML'],
    ['a list', '- a', 'task.yaml: found a list, expected fields of a task.'],
    [
      'a circle of files',
      'include: task.yaml',
      'include is "task.yaml", expected the path of one file, which does not include this one',
    ],
    [
      'no data',
      task('a', 'a'),
      "task.yaml: there are no files of 'validation' (dataset_path is 'json'), and nothing is downloaded.",
    ],
    [
      'a negative count',
      task('version: 1', 'version: 1\nnum_fewshot: -1'),
      'num_fewshot is -1, expected a non-negative integer.',
    ],
  ])('%s', async (_, content, message) => {
    await expect(lmEvalTask(await fileOf('task.yaml', content))).rejects.toThrow(message);
  });

  test.each([
    [{ text: 'a' }, "task.yaml: doc_to_text: rows.jsonl, document 0 has no field 'q', only text."],
    [
      { q: 'a', label: 2 },
      'doc_to_target: rows.jsonl, document 0 has the answer 2, expected one of its 2 choices',
    ],
    [{ q: 'a', label: 'perhaps' }, 'rows.jsonl, document 0 has the answer "perhaps"'],
    ['x', "rows.jsonl: found 'x' at line 1, expected a JSON object."],
  ])('the document %o', async (row, message) => {
    const dataFiles = { validation: await fileOf('rows.jsonl', [row as object]) };
    const evaluator = await lmEvalTask(await fileOf('task.yaml', choice), { dataFiles });
    await expect(examplesOf(evaluator)).rejects.toThrow(message);
  });

  test('unknown tasks, and too many examples', async () => {
    await expect(lmEvalTask('no_task')).rejects.toThrow(
      "lmEvalTask: there is no task 'no_task', expected arc_challenge, ",
    );
    await expect(lmEvalTask('none.yaml')).rejects.toThrow(
      'none.yaml: the task cannot be read. Fix the path.',
    );
    const dataFiles = { validation: await fileOf('rows.jsonl', [{ q: 'a', label: 1 }]) };
    const task = await fileOf('task.yaml', choice);
    const found = lmEvalTask(task, { dataFiles, numFewshot: 1 });
    await expect(found).rejects.toThrow(
      'num_fewshot is 1, and there are 1 documents, expected more than that.',
    );
  });

  test.each([
    [
      { sentence: 'no blank', option1: 'a', option2: 'b', answer: '1' },
      'rows.jsonl, document 0: sentence is "no blank", expected a text with a blank \'_\'.',
    ],
    [{ sentence: 'a _', option1: 'a', option2: 'b', answer: '3' }, "answer is \"3\", expected '1' or '2'."],
    [{ sentence: 'a _', option2: 'b', answer: '1' }, 'option1 is missing, expected a text.'],
  ])('a document of WinoGrande: %o', async (row, message) => {
    const dataFiles = { validation: await fileOf('rows.jsonl', [row]) };
    await expect(examplesOf(await lmEvalTask('winogrande', { dataFiles }))).rejects.toThrow(message);
  });
});
