import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { describe, expect, test } from 'vitest';
import { compareMetrics } from './compare-metrics.js';
import type { EvaluatedExample, Evaluator } from './evaluator.js';
import { createRng } from '@transfusion/nn/rng';
import { meanMetric } from './mean-metric.js';
import type { Predictors } from './predictors.js';
import { joinShards, runEvaluator } from './run-evaluator.js';

const words = ['one', 'three', 'seven', 'eleven', 'twelve', 'thirteen', 'two'];

/** Lengths of generated texts; the model answers with the prompt and its seed. */
const lengths: Evaluator<'generate', string, { length: number }> = {
  specificationVersion: 'v1',
  name: 'text-lengths',
  needs: ['generate'],
  provenance: { words: words.length },
  examples: () => words,
  async *evaluate(predict, examples) {
    const prompts: string[] = [];
    async function* tasks() {
      for await (const word of examples) {
        prompts.push(word);
        yield { prompt: [{ modality: 'text', value: word }], output: 'text', seed: 7 };
      }
    }
    let i = 0;
    for await (const text of predict.generate(tasks())) {
      const shown = [{ label: prompts[i++], modality: 'text', value: text }];
      yield { result: { length: (text as string).length }, shown };
    }
  },
  summarize: (results) => [
    meanMetric(
      'length',
      results.map(({ length }) => length),
      { betterIs: 'higher' },
    ),
  ],
};

function echo(seen: string[] = []): Pick<Predictors, 'generate'> {
  return {
    async *generate(tasks) {
      for await (const { prompt, seed } of tasks) {
        seen.push(prompt[0].value as string);
        yield `${String(prompt[0].value)}${seed}`;
      }
    },
  };
}

const newFile = async (name = 'results.jsonl'): Promise<string> =>
  join(await mkdtemp(join(tmpdir(), 'evaluator-')), 'new folder', name);
const run = (options = {}, predict: Partial<Predictors> = echo(), evaluator: object = lengths) =>
  runEvaluator(evaluator as Evaluator, predict, { subject: 'echo', ...options });

test('metrics are of all results', async () => {
  const { metrics, examples, provenance } = await run();
  expect(metrics).toMatchObject([{ name: 'length', value: words.join('').length / 7 + 1, count: 7 }]);
  expect(examples.map(({ result }) => result['length'])).toEqual(words.map((word) => word.length + 1));
  expect(provenance).toEqual({ words: 7 });
});

test('shards together have the results of the whole', async () => {
  const whole = await run();
  const paths = await Promise.all([2, 0, 1].map(async (index) => [index, await newFile()] as const));
  for (const [index, path] of paths) await run({ path, shard: { index, count: 3 } });
  const joined = await joinShards(
    lengths as Evaluator,
    paths.map(([, path]) => path),
  );
  expect(joined).toEqual(whole);
});

test('an evaluation goes on after its last whole result, wherever it was stopped', async () => {
  const path = await newFile();
  const whole = await run({ path });
  const text = await readFile(path, 'utf8');
  for (let length = 0; length < text.length; length += 37) {
    await writeFile(path, text.slice(0, length));
    const seen: string[] = [];
    expect(await run({ path }, echo(seen))).toEqual(whole);
    const numKept = Math.max(0, text.slice(0, length).split('\n').length - 2);
    expect(seen).toEqual(words.slice(numKept));
    expect(await readFile(path, 'utf8')).toBe(text);
  }
});

test('an aborted evaluation keeps what it has', async () => {
  const path = await newFile();
  const controller = new AbortController();
  const onExample = (done: number): void => void (done === 2 && controller.abort(new Error('enough')));
  await expect(run({ path, signal: controller.signal, onExample })).rejects.toThrow('enough');
  const seen: string[] = [];
  expect((await run({ path }, echo(seen))).examples).toHaveLength(7);
  expect(seen).toEqual(words.slice(2));
});

test('values to look at are stored beside the results', async () => {
  const path = await newFile();
  const show = async (index: number, shown: readonly { readonly label: string }[]) =>
    `${index} ${shown[0].label}`;
  const { examples } = await run({ limit: 2, path, show });
  expect(examples.map(({ shown }) => shown)).toEqual(['0 one', '1 three']);
  expect((await run({ limit: 2, path })).examples).toEqual(examples);
});

test('a file that is no file of results is left as it is', async () => {
  const path = await newFile('notes.md');
  await run({ path, limit: 1 });
  for (const text of ['# Notes\n\nwithout an end', '{"precious":1}', '{}\n']) {
    await writeFile(path, text);
    await expect(run({ path })).rejects.toThrow(/line 1: found/);
    expect(await readFile(path, 'utf8')).toBe(text);
  }
});

test('an evaluator that skips or adds results leaves none behind', async () => {
  const path = await newFile();
  const controller = new AbortController();
  const onExample = (done: number): void => void (done === 2 && controller.abort(new Error('enough')));
  await expect(run({ path, signal: controller.signal, onExample })).rejects.toThrow('enough');
  const before = await readFile(path, 'utf8');
  const [skips, adds] = [numbers([1, 2]), numbers([1, 2, 3, 4, 5, 6, 7, 8])];
  for (const evaluate of [skips, adds]) {
    await expect(run({ path }, echo(), { ...lengths, evaluate })).rejects.toThrow(/evaluate\(\) yielded/);
    expect(await readFile(path, 'utf8')).toBe(before);
  }
  const fewer = { ...lengths, examples: () => ['one'] };
  await expect(run({ path }, echo(), fewer)).rejects.toThrow(
    /examples\(\) yielded 1 examples, expected at least the 2/,
  );
});

test('what has ended is not evaluated again', async () => {
  const path = await newFile();
  const whole = await run({ path });
  expect(
    await run({ path }, {}, { ...lengths, needs: [], evaluate: () => expect.fail('evaluated') }),
  ).toEqual(whole);
});

test('two processes do not write into one file', async () => {
  const path = await newFile();
  const runs = await Promise.allSettled([run({ path }), run({ path })]);
  const reasons = runs.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
  expect(reasons.join()).toMatch(/another process evaluates into the same file/);
});

test('examples are read only as far as they are evaluated', async () => {
  let numRead = 0;
  const examples = function* () {
    for (const word of words) {
      numRead++;
      yield word;
    }
  };
  await run({ limit: 2 }, echo(), { ...lengths, examples });
  expect(numRead).toBe(2);
});

test('more shards than examples', async () => {
  const paths = [];
  for (let index = 0; index < 3; index++) {
    const path = await newFile();
    await run({ path, limit: 2, shard: { index, count: 3 } });
    paths.push(path);
  }
  expect((await joinShards(lengths as Evaluator, paths)).examples).toHaveLength(2);
});

describe('refuses', () => {
  test('the results of something else', async () => {
    const path = await newFile();
    await run({ path, limit: 2 });
    await expect(run({ path, limit: 3 })).rejects.toThrow(/limit is 2, expected 3/);
    await expect(run({ path, limit: 2, model: 'other' })).rejects.toThrow(
      /model is "echo", expected "other"/,
    );
    expect((await run({ path, limit: 2, model: 'echo', subject: 'another name' })).subject).toBe(
      'another name',
    );
    const changed = { ...lengths, provenance: { words: 8 } };
    await expect(run({ path, limit: 2 }, echo(), changed)).rejects.toThrow(
      /provenance is \{"words":7\}, expected/,
    );
  });

  test('damaged files', async () => {
    const path = await newFile();
    await run({ path, limit: 2 });
    await appendFile(path, 'no\n');
    await expect(run({ path, limit: 2 })).rejects.toThrow(/line 4: found (no JSON object|index undefined)/);
    await writeFile(path, '{}\n');
    await expect(run({ path })).rejects.toThrow(/line 1: found no header/);
  });

  test('shards that are missing, there twice, unfinished or of another evaluation', async () => {
    const [a, b, c] = [await newFile(), await newFile(), await newFile()];
    await run({ path: a, shard: { index: 0, count: 2 } });
    const join = (...paths: string[]) => joinShards(lengths as Evaluator, paths);
    await expect(join(a)).rejects.toThrow(
      'text-lengths: found the shards 0, expected 2, once each. Evaluate shard 1',
    );
    await expect(join()).rejects.toThrow('found the shards none');
    await run({ path: b, shard: { index: 1, count: 2 }, model: 'other' });
    await expect(join(a, b)).rejects.toThrow(/model is "other", expected "echo"/);
    await run({ path: c, shard: { index: 1, count: 2 } });
    await expect(join(a, a, c)).rejects.toThrow(/example 1 is missing, or there twice/);
    const text = await readFile(a, 'utf8');
    // Also whole results of fewer examples: nothing tells how many there should be, but the end.
    for (let length = 0; length < text.length; length += 23) {
      await writeFile(a, text.slice(0, length));
      await expect(join(a, c)).rejects.toThrow(/results and no end|no header of results|no JSON object/);
    }
  });

  test.each([
    [{ shard: { index: 2, count: 2 } }, 'the shard is 2 of 2'],
    [{ limit: 0 }, 'limit is 0, expected a positive integer'],
  ])('%j', async (options, message) => {
    await expect(run(options)).rejects.toThrow(message);
  });

  test.each([
    [{ name: 'Text lengths' }, "name is 'Text lengths', expected a name in kebab-case"],
    [{ specificationVersion: 'v2' }, "specificationVersion is 'v2', expected 'v1'"],
    [{ needs: undefined }, 'needs is undefined, expected a list'],
    [{ provenance: null }, 'provenance is null, expected an object'],
    [{ summarize: undefined }, 'summarize is undefined, expected a function'],
    [
      { needs: ['inpaint'] },
      "'text-lengths' needs the prediction functions inpaint, which this model does not have; it has generate",
    ],
    [{ examples: () => [] }, 'text-lengths: found no examples'],
    [{ evaluate: numbers([new Date(0)]) }, 'has length of type Date'],
    [
      {
        summarize: () => {
          throw new TransfusionError('invalid-argument', 'found 7 samples, expected 8.');
        },
      },
      "evaluator 'text-lengths', of 7 examples: found 7 samples, expected 8",
    ],
    [{ evaluate: numbers([1, NaN]) }, 'the result of example 1 has length = NaN, expected JSON'],
    [{ evaluate: numbers([new Float32Array(1)]) }, 'the result of example 0 has length of type Float32Array'],
    [{ evaluate: numbers([1]) }, 'evaluate() yielded 1 results of 7 examples, expected one for each'],
  ])('an evaluator with %j', async (fields, message) => {
    await expect(run({}, echo(), { ...lengths, ...fields })).rejects.toThrow(message);
  });
});

function numbers(values: readonly unknown[]) {
  return async function* (_: unknown, examples: AsyncIterable<string>): AsyncGenerator<EvaluatedExample> {
    for await (const _ of examples) void _;
    for (const length of values) yield { result: { length: length as number } };
  };
}

describe('models are compared by pairs', () => {
  const metric = (values: readonly number[]) => meanMetric('accuracy', values);
  const values = Array.from({ length: 50 }, (_, i) => i % 7);

  test('a small difference of each example is significant, though both intervals overlap', () => {
    const [a, b] = [metric(values), metric(values.map((value, i) => value + 0.1 + 0.01 * (i % 2)))];
    expect(b.interval![0]).toBeLessThan(a.interval![1]);
    const { difference, interval, isSignificant } = compareMetrics(a, b);
    expect(difference).toBeCloseTo(0.105);
    expect(interval![0]).toBeGreaterThan(0.1);
    expect(isSignificant).toBe(true);
    expect(compareMetrics(b, a)).toMatchObject({ isSignificant: true, difference: -difference });
  });

  test('chance is not', () => {
    expect(compareMetrics(metric(values), metric(values.toReversed())).isSignificant).toBe(false);
  });

  test('of few examples nothing is significant', () => {
    for (let n = 1; n <= 5; n++) {
      const few = values.slice(0, n);
      const comparison = compareMetrics(metric(few), metric(few.map((value) => value + 1)));
      expect(comparison).toMatchObject({ difference: 1, pValue: 2 / 2 ** n, isSignificant: false });
    }
    const six = values.slice(0, 6);
    expect(compareMetrics(metric(six), metric(six.map((value) => value + 1))).isSignificant).toBe(true);
  });

  test.each([4, 8, 20])(
    'equal models of %i examples differ significantly in one of twenty comparisons',
    (n) => {
      const rng = createRng(n);
      const zeros = metric(Array.from({ length: n }, () => 0));
      const wrong = Array.from(
        { length: 150 },
        () => compareMetrics(zeros, metric([...rng.normals(n)])).isSignificant,
      );
      expect(wrong.filter(Boolean).length / wrong.length).toBeLessThan(0.1);
    },
  );

  test('metrics without values of examples have a difference alone', () => {
    const whole = { name: 'distance', value: 2, count: 3 };
    expect(compareMetrics(whole, { ...whole, value: 5 })).toEqual({ difference: 3 });
    expect(() => compareMetrics(whole, { ...whole, count: 4 })).toThrow(
      /'distance' of 3 and 'distance' of 4/,
    );
  });
});
