/** The conformance suite of evaluators, for any test runner: each check has a name, and throws if it fails. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { checkEvaluator } from '../contract/check-evaluator.js';
import type { Evaluator, Metric } from '../contract/evaluator.js';
import type { Predictors } from '../contract/predictors.js';
import { joinShards, runEvaluator, type Evaluation } from '../contract/run-evaluator.js';

/** A check of the suite. */
export interface EvaluatorCheck {
  readonly name: string;
  run(): void | Promise<void>;
}

/** The model of the suite, and the size of its evaluations. */
export interface EvaluatorExamples {
  /** Predictions that depend on the input alone, its seed included, such as a function of the prompt. */
  readonly predict: Partial<Predictors>;
  /** Number of examples to evaluate, the first ones; at least 3. Defaults to 8, or to all if there are fewer. */
  readonly limit?: number;
}

/** Returns the checks of an evaluator: its fields, its examples, and that parts together have the results of the whole. */
export function evaluatorChecks(
  evaluator: Evaluator,
  { predict, limit = 8 }: EvaluatorExamples,
): readonly EvaluatorCheck[] {
  const { name } = evaluator;
  const evaluate = (options: object = {}): Promise<Evaluation> =>
    runEvaluator(evaluator, predict, { subject: 'conformance', limit, ...options });
  return [
    {
      name: `${name}: its fields are those of the contract`,
      run: () => checkEvaluator(evaluator, predict),
    },
    {
      name: `${name}: its examples are the same each time`,
      run: async () => {
        const [first, second] = [
          await take(evaluator.examples(), limit),
          await take(evaluator.examples(), limit),
        ];
        expectThat(first.length >= 3, () => `examples() has ${first.length} examples, expected at least 3`);
        const changed = first.findIndex((example, i) => !isDeepStrictEqual(example, second[i]));
        expectThat(
          changed < 0,
          () => `examples() yields another example ${changed} the second time, expected the same`,
        );
      },
    },
    {
      name: `${name}: its metrics are numbers with names of their own`,
      run: async () => {
        const { metrics } = await evaluate();
        expectThat(metrics.length > 0, () => 'summarize() returned no metrics, expected at least one');
        metrics.forEach(checkMetric);
        const names = metrics.map((metric) => metric.name);
        const twice = names.find((metric, i) => names.indexOf(metric) < i);
        expectThat(
          twice === undefined,
          () => `summarize() returned two metrics '${twice}', expected each name once`,
        );
      },
    },
    {
      name: `${name}: shards together have the results of the whole`,
      run: () =>
        withFolder(async (folder) => {
          const whole = await evaluate();
          const paths = [0, 1].map((index) => join(folder, `${index}.jsonl`));
          for (const [index, path] of paths.entries()) await evaluate({ path, shard: { index, count: 2 } });
          expectSame(await joinShards(evaluator, paths), whole, 'two shards');
        }),
    },
    {
      name: `${name}: goes on with the results of the whole`,
      run: () =>
        withFolder(async (folder) => {
          const path = join(folder, 'results.jsonl');
          const whole = await evaluate({ path });
          const lines = (await readFile(path, 'utf8')).split('\n');
          // The header and the first result.
          await writeFile(path, `${lines.slice(0, 2).join('\n')}\n`);
          expectSame(await evaluate({ path }), whole, 'a part and the rest');
        }),
    },
  ];
}

function checkMetric({ name, value, count, interval, values }: Metric): void {
  expectThat(Number.isFinite(value), () => `the metric '${name}' is ${value}, expected a finite number`);
  expectThat(
    Number.isInteger(count) && count > 0,
    () => `the metric '${name}' has the count ${count}, expected a positive integer`,
  );
  if (interval !== undefined) {
    const [low, high] = interval;
    expectThat(
      low <= high,
      () => `the interval of '${name}' is [${low}, ${high}], expected the lower bound first`,
    );
  }
  if (values === undefined) return;
  expectThat(
    values.length === count,
    () => `the metric '${name}' has ${values.length} values, expected ${count}: its count`,
  );
  const mean = values.reduce((sum, one) => sum + one, 0) / count;
  expectThat(
    Math.abs(mean - value) <= 1e-6 * Math.max(1, Math.abs(value)),
    () => `the metric '${name}' is ${value}, expected ${mean}: the mean of its values`,
  );
}

function expectSame(found: Evaluation, whole: Evaluation, of: string): void {
  const different = whole.examples.findIndex(
    ({ result }, i) => !isDeepStrictEqual(result, found.examples[i]?.result),
  );
  expectThat(
    different < 0,
    () =>
      `example ${different} of ${of} has the result ${JSON.stringify(found.examples[different]?.result)}, expected ` +
      `${JSON.stringify(whole.examples[different].result)}, as in the whole. Make what is random a part of the example, such as its seed`,
  );
  expectThat(
    isDeepStrictEqual(JSON.stringify(found.metrics), JSON.stringify(whole.metrics)),
    () => `the metrics of ${of} differ from those of the whole, expected the same`,
  );
}

async function take(values: AsyncIterable<unknown> | Iterable<unknown>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const value of values) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'evaluator-checks-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function expectThat(isRight: boolean, problem: () => string): void {
  if (!isRight) throw new Error(problem());
}
