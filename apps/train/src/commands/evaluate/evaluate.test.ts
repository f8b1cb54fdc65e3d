import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { recipePath, runCommand } from '../../testing-internals/run-command.js';
import { formatComparison, formatMetric } from './format-metric.js';

let folder: string;
const path = (...names: string[]): string => join(folder, ...names);
const file = recipePath('word-evaluators.ts');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-evaluate-'));
  for (const [name, steps] of [
    ['a', '1'],
    ['b', '2'],
  ]) {
    await runCommand('train', recipePath('squares.ts'), '--steps', steps, '--directory', path(name));
  }
}, 60_000);

const evaluate = (...args: string[]): Promise<string[]> =>
  runCommand('evaluate', ...args, '--steps', '2', '--guidance', '2');

test('prints metrics with their intervals and what they depend on, and writes a report', async () => {
  const out = path('out');
  const [table, report] = await evaluate(path('a'), '--evaluators', file, '--out', out);
  const lines = table.split('\n');
  expect(lines[0]).toMatch(/^evaluator +metric +n +a$/);
  expect(lines[1]).toMatch(/^brightness +mean +4 +[\d.]+ % \[[\d.]+ %, [\d.]+ %\]$/);
  expect(lines[2]).toMatch(/^ +brightest +4 +0\.\d{3}$/);
  expect(lines[3]).toMatch(/^word-lengths +length +4 +3\.750 \[3\.000, 4\.\d+\]$/);
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(
      /^brightness: \S+, step 1, weights [\da-f]{12}, numInferenceSteps 2, guidanceScale 2, words 4, 4 examples$/,
    ),
    expect.stringMatching(
      /^word-lengths: \S+, step 1, weights [\da-f]{12}, numInferenceSteps 2, guidanceScale 2, 4 examples$/,
    ),
  ]);
  expect(report).toBe(`\nreport in ${join(out, 'a.html')}`);

  const html = await readFile(join(out, 'a.html'), 'utf8');
  expect(html).toContain('<h2>brightness</h2>');
  expect(html).toContain('<svg');
  const [image] = /<img src="([^"]+)" alt="an &lt;image&gt;"/.exec(html)!.slice(1);
  expect(image).toBe('a/brightness/000000-0-an-image-.png');
  expect(await readFile(join(out, image))).not.toHaveLength(0);
  const [{ evaluations }] = JSON.parse(await readFile(join(out, 'a.json'), 'utf8')) as [
    { readonly evaluations: { readonly metrics: object[] }[] },
  ];
  expect(evaluations[0].metrics[0]).toMatchObject({ name: 'mean', count: 4, unit: 'share' });
  expect(evaluations[0].metrics[0]).not.toHaveProperty('values');
});

test('compares models by the same examples', async () => {
  const out = path('compared');
  const [table] = await evaluate(path('a'), path('b'), path('a'), '--evaluators', file, '--out', out);
  const [header, mean, , length] = table.split('\n');
  expect(header).toMatch(/ n +a +b +against a +a-2 +against a$/);
  const [a, b, difference, again] = [...mean.matchAll(/([+-]?[\d.]+) (?:% \[|points)/g)].map(([, value]) =>
    Number(value),
  );
  expect(a).not.toBe(b);
  expect(difference).toBeCloseTo(b - a, 0);
  expect(again).toBe(a);
  expect(mean).toMatch(/points, not significant .*\+0\.0 points, not significant$/);
  expect(length).toMatch(/\+0\.000, not significant +3\.750/);
  expect((await readdir(out)).sort()).toEqual([
    'a',
    'a-2',
    'a-and-b-and-a-2.html',
    'a-and-b-and-a-2.json',
    'b',
  ]);
  const html = await readFile(join(out, 'a-and-b-and-a-2.html'), 'utf8');
  const [first, second] = [...html.matchAll(/<h3>([^<]+)<\/h3><div class="examples">.*?src="([^"]+)"/gs)];
  expect([first[1], second[1]]).toEqual(['a', 'b']);
  expect([first[2], second[2]].map((image) => image.split('/')[0])).toEqual(['a', 'b']);
});

test('joins shards to the results of the whole', async () => {
  const [out, whole] = [path('shards'), path('whole')];
  const options = ['--evaluators', file, '--only', 'brightness', '--json'];
  const [expected] = await evaluate(path('a'), ...options, '--out', whole);
  const [note] = await evaluate(path('a'), ...options, '--out', out, '--shard', '1/2');
  expect(note).toBe(`shard 1 of 2 is in ${out}; with all of them there: --join 2`);
  await expect(runCommand('evaluate', path('a'), ...options, '--out', out, '--join', '2')).rejects.toThrow(
    /brightness\.0-of-2\.jsonl: there is no such file/,
  );
  await evaluate(path('a'), ...options, '--out', out, '--shard', '0/2');
  expect(await runCommand('evaluate', path('a'), ...options, '--out', out, '--join', '2')).toEqual([
    expected,
  ]);
});

test('the evaluators of a recipe have its settings, unless the command line has others', async () => {
  const recipe = path('with-evaluators.ts');
  await writeFile(
    recipe,
    `import { recipe as squares } from ${JSON.stringify(recipePath('squares.ts'))};
import { evaluators } from ${JSON.stringify(file)};
const [evaluator] = evaluators;
export const recipe = { ...squares, evaluators: [{ every: 5, evaluator, limit: 2, predictor: { numInferenceSteps: 3 } }] };`,
  );
  const run = (out: string, ...args: string[]): Promise<string[]> =>
    runCommand('evaluate', path('a'), '--recipe', recipe, '--out', path(out), ...args);
  const [own] = await run('recipe-own');
  expect(own).toMatch(/numInferenceSteps 3, guidanceScale 3, words 4, 2 examples$/);
  const [other] = await run('recipe-other', '--limit', '3', '--steps', '2');
  expect(other).toMatch(/numInferenceSteps 2, guidanceScale 3, words 4, 3 examples$/);
});

test('goes on where it was stopped', async () => {
  const out = path('stopped');
  const [whole] = await evaluate(path('a'), '--evaluators', file, '--out', out);
  const results = join(out, 'a', 'brightness.jsonl');
  const lines = (await readFile(results, 'utf8')).split('\n');
  await writeFile(results, `${lines.slice(0, 3).join('\n')}\n`);
  expect((await evaluate(path('a'), '--evaluators', file, '--out', out))[0]).toBe(whole);
});

describe('refuses', () => {
  test('a run that there is not, before any is evaluated', async () => {
    const out = path('missing');
    await expect(evaluate(path('a'), path('nope'), '--evaluators', file, '--out', out)).rejects.toThrow(
      /nope/,
    );
    expect(existsSync(out)).toBe(false);
  });

  test('other options beside --join', async () => {
    for (const options of [
      ['--shard', '0/2'],
      ['--limit', '3'],
    ]) {
      await expect(runCommand('evaluate', path('a'), '--join', '2', ...options)).rejects.toThrow(
        /cannot be used with/,
      );
    }
  });

  test('a run without evaluators, or unknown ones', async () => {
    await expect(evaluate(path('a'))).rejects.toThrow(/found no evaluators\. Pass --evaluators/);
    await expect(evaluate(path('a'), '--recipe', recipePath('squares.ts'))).rejects.toThrow(
      /has no evaluators/,
    );
    await expect(evaluate(path('a'), '--evaluators', file, '--only', 'brightnes')).rejects.toThrow(
      /--only brightnes: there is no such evaluator \(did you mean brightness\?\), expected some of brightness, word-lengths/,
    );
  });

  test.each([
    ['export const other = 1;', /does not export evaluators/],
    ['export const evaluators = [{ name: "mine" }];', /evaluator 'mine': specificationVersion is undefined/],
    ['throw new Error("out of cheese");', /mine\.ts: out of cheese/],
  ])('the file %s', async (text, message) => {
    const mine = path('mine.ts');
    await writeFile(mine, text);
    await expect(evaluate(path('a'), '--evaluators', mine)).rejects.toThrow(message);
  });

  test('results of other settings in the same folder', async () => {
    const out = path('settings');
    await evaluate(path('a'), '--evaluators', file, '--out', out, '--limit', '1');
    await expect(evaluate(path('a'), '--evaluators', file, '--out', out, '--limit', '2')).rejects.toThrow(
      /limit is 1, expected 2\. Use another folder/,
    );
  });

  test.each(['4/4', '1', 'a/b'])('the shard %s', async (shard) => {
    await expect(evaluate(path('a'), '--evaluators', file, '--shard', shard)).rejects.toThrow(
      /Expected an index and a count/,
    );
  });
});

test('differences say whether they are an improvement', () => {
  const loss = { name: 'loss', value: 1, count: 3, betterIs: 'lower' } as const;
  expect(formatComparison(loss, { difference: -0.5, isSignificant: true })).toBe('-0.500, better');
  const share = { ...loss, unit: 'share', betterIs: 'higher' } as const;
  expect(formatComparison(share, { difference: 0.02, isSignificant: true })).toBe('+2.0 points, better');
  expect(formatComparison(loss, { difference: 0.5, isSignificant: true })).toBe('+0.500, worse');
  expect(formatComparison({ ...loss, betterIs: undefined }, { difference: 0.5, isSignificant: true })).toBe(
    '+0.500, significant',
  );
  expect(formatComparison(loss, { difference: 0.5 })).toBe('+0.500');
  expect(formatMetric({ ...loss, value: 12.345, unit: 'dB', interval: [12, 13] })).toBe(
    '12.35 dB [12.00 dB, 13.00 dB]',
  );
  expect(formatMetric({ ...loss, value: 0.0001234 })).toBe('0.000123');
});
