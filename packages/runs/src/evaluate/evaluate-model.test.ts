import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selectEngine } from '@transfusion/engine';
import { meanMetric, type Evaluation, type Evaluator, type Predictors } from '@transfusion/evaluators';
import { readImage, type RgbImage } from '@transfusion/modality-image';
import { createRng, disposeParams } from '@transfusion/nn';
import { readMetrics } from '@transfusion/trainer';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createModel } from '../create-model.js';
import { defineRecipe } from '../define-recipe.js';
import { loadedModel, type LoadedModel } from '../loaded-model.js';
import { runRecipe, type RunEvent } from '../run-recipe.js';
import { tinyRecipe } from '../testing-internals/tiny-recipe.js';
import { evaluateModel, resultsPath } from './evaluate-model.js';
import { modelPredictors } from './model-predictors.js';
import { storeShownValues } from './shown-values.js';

const recipe = defineRecipe(tinyRecipe());
const newFolder = () => mkdtemp(join(tmpdir(), 'evaluate-'));

/** Mean brightness of the images of words. */
const brightness: Evaluator<'generate', { readonly word: string; readonly seed: number }, { mean: number }> =
  {
    specificationVersion: 'v1',
    name: 'brightness',
    needs: ['generate'],
    provenance: { words: 5 },
    examples: () => ['red', 'green', 'blue', 'red', 'none'].map((word, seed) => ({ word, seed })),
    async *evaluate({ generate }, examples) {
      const words: string[] = [];
      async function* tasks() {
        for await (const { word, seed } of examples) {
          words.push(word);
          yield { prompt: [{ modality: 'text', value: word }], output: 'image', seed };
        }
      }
      for await (const image of generate(tasks())) {
        const { data } = image as RgbImage;
        yield {
          result: { mean: data.reduce((sum, value) => sum + value, 0) / data.length },
          shown: [
            { label: 'generated image', modality: 'image', value: image },
            { label: 'word', modality: 'text', value: words.shift()! },
          ],
        };
      }
    },
    summarize: (results) => [
      meanMetric(
        'mean',
        results.map(({ mean }) => mean),
      ),
    ],
  };

let loaded: LoadedModel;
beforeAll(async () => {
  await selectEngine('onnxruntime');
  const model = createModel(recipe);
  loaded = loadedModel({ model, params: model.init(createRng(1)), step: 0 }, 'tiny', () => undefined);
});
afterAll(() => loaded.dispose());

const predictor = { numInferenceSteps: 2 };

async function evaluate(
  folder: string,
  options: object = {},
  evaluators = [brightness],
): Promise<Evaluation> {
  const runs = evaluators.map((evaluator) => ({ evaluator, predictor }));
  const run = evaluateModel(loaded, runs, { subject: 'tiny', folder, ...options });
  const { value } = await run.next();
  await run.return(undefined);
  return value as Evaluation;
}

test('results and the first values are kept in the folder', async () => {
  const folder = await newFolder();
  const { metrics, subject, model, examples } = await evaluate(folder, { numShown: 2 });
  expect(metrics).toMatchObject([{ name: 'mean', count: 5 }]);
  expect(subject).toBe('tiny');
  expect(model).toMatch(/^weights [\da-f]{12}, numInferenceSteps 2$/);
  expect((await readdir(folder)).sort()).toEqual(['brightness', 'brightness.jsonl']);
  const file = '000001-0-generated-image.png';
  expect((await readdir(join(folder, 'brightness'))).sort()).toEqual([file.replace('1-0', '0-0'), file]);
  expect(examples.map(({ shown }) => shown)).toEqual([
    expect.anything(),
    [
      { label: 'generated image', file, mediaType: 'image/png' },
      { label: 'word', text: 'green' },
    ],
    [],
    [],
    [],
  ]);
  const image = await readImage(join(folder, 'brightness', file));
  const mean = image.data.reduce((sum, value) => sum + value, 0) / image.data.length;
  expect(examples[1].result).toEqual({ mean });
});

test('shards have the results of the whole', async () => {
  const folder = await newFolder();
  const whole = await evaluate(folder);
  const shards = [0, 1].map((index) => ({ index, count: 2 }));
  const parts = [];
  for (const shard of shards) parts.push(await evaluate(folder, { shard }));
  expect(parts.map(({ examples }) => examples.map(({ index }) => index))).toEqual([
    [0, 2, 4],
    [1, 3],
  ]);
  for (const { examples } of parts) {
    for (const { index, result } of examples) expect(result).toEqual(whole.examples[index].result);
  }
  const lines = (await readFile(resultsPath(folder, 'brightness', shards[1]), 'utf8')).trim().split('\n');
  // The header, two results, the end.
  expect(lines).toHaveLength(4);
});

test('other weights or settings are another evaluation', async () => {
  const folder = await newFolder();
  await evaluate(folder);
  const other = { ...loaded, params: loaded.model.init(createRng(2)) };
  const run = (trained: typeof loaded, settings: object) =>
    evaluateModel(trained, [{ evaluator: brightness, predictor: settings }], {
      subject: 'tiny',
      folder,
    }).next();
  await expect(run(other, predictor)).rejects.toThrow(
    /model is "weights \w+, numInferenceSteps 2", expected "weights/,
  );
  await expect(run(loaded, { numInferenceSteps: 3 })).rejects.toThrow(
    /expected "weights \w+, numInferenceSteps 3"/,
  );
  disposeParams(other.params);
});

test('two evaluators of one name are refused before the first one runs', async () => {
  await expect(evaluate(await newFolder(), {}, [brightness, { ...brightness }])).rejects.toThrow(
    "found two evaluators 'brightness', expected each name once",
  );
});

test('values with the same label, or names in any script, have files of their own', async () => {
  const value = { width: 1, height: 1, data: new Uint8Array(3) };
  const labels = ['a b', 'a-b', 'a b', '\u043b\u0438\u0441\u0442', '\u{1f600}', 'x'.repeat(500)];
  const shown = labels.map((label) => ({ label, modality: 'image', value }));
  const stored = await storeShownValues(recipe.modalities, await newFolder(), 0, shown);
  expect(new Set(stored.map((one) => 'file' in one && one.file)).size).toBe(labels.length);
});

describe('the prediction functions of a model', () => {
  const { width, data }: RgbImage = { width: 8, height: 8, data: new Uint8Array(192).fill(100) };
  const image = { width, height: 8, data };
  async function first<T>(values: AsyncIterable<T>): Promise<T> {
    for await (const value of values) return value;
    throw new Error('no value');
  }
  async function* one<T>(value: T): AsyncGenerator<T> {
    yield value;
  }
  const predict = (): Pick<Predictors, 'generate' | 'inpaint'> =>
    modelPredictors(loaded, { numInferenceSteps: 2, maxTokens: 3 });

  test('text is generated greedily: the seed does not matter', async () => {
    const prompt = [{ modality: 'image', value: image }];
    const texts = [0, 1, 2].map((seed) => first(predict().generate(one({ prompt, output: 'text', seed }))));
    const [a, b, c] = await Promise.all(texts);
    expect(typeof a).toBe('string');
    expect([b, c]).toEqual([a, a]);
  });

  test('likelihoods are of texts', async () => {
    const { logLikelihood, rollingLogLikelihood } = modelPredictors(loaded, { maxLength: 16, stride: 8 });
    const { logProb, numTokens } = await first(logLikelihood(one({ context: 'r', continuation: 'ed' })));
    expect(numTokens).toBe(2);
    const whole = await first(rollingLogLikelihood(one('red')));
    const beginning = await first(logLikelihood(one({ context: '', continuation: 'r' })));
    expect(whole.numTokens).toBe(3);
    expect(whole.logProb).toBeCloseTo(beginning.logProb + logProb, 4);
  });

  test('images differ by seed, and known pixels are kept', async () => {
    const mask = { width: 8, height: 8, data: new Uint8Array(64).fill(255, 32) };
    const known = { modality: 'image', value: image };
    const inpaint = (seed: number) =>
      first(predict().inpaint(one({ prompt: [], known, mask, seed }))) as Promise<RgbImage>;
    const [a, b] = [await inpaint(0), await inpaint(1)];
    expect(a.data.subarray(0, 96)).toEqual(data.subarray(0, 96));
    expect(a.data.subarray(96)).not.toEqual(data.subarray(96));
    expect(a.data).not.toEqual(b.data);
  });
});

describe('the evaluators of a recipe', () => {
  const withEvaluators = (...list: object[]) =>
    defineRecipe({ ...tinyRecipe(), samples: undefined, evaluation: undefined, evaluators: list as never });
  const slot = { every: 3, evaluator: brightness, limit: 2, predictor: { numInferenceSteps: 2 } };

  test('run as the model is trained, are logged and reported', async () => {
    const directory = await newFolder();
    const events: RunEvent[] = [];
    const { ema } = await runRecipe(withEvaluators(slot), {
      directory,
      onEvent: (event) => events.push(event),
    });
    disposeParams(ema);
    const evaluated = events.filter((event) => event.type === 'evaluator');
    expect(evaluated.map(({ step }) => step)).toEqual([3, 6]);
    const logged = (await readMetrics(join(directory, 'metrics.jsonl'))).filter(
      (line) => 'brightness/mean' in line,
    );
    expect(logged.map((line) => line['brightness/mean'])).toEqual(
      evaluated.map(({ evaluation }) => evaluation.metrics[0].value),
    );
    expect(evaluated[0].evaluation.subject).toBe('tiny, step 3');
    expect((await readdir(join(directory, 'evaluations'))).sort()).toEqual([
      'step-00000003',
      'step-00000006',
    ]);
  });

  test('start a step anew: what a run had before it was interrupted is of another model', async () => {
    const directory = await newFolder();
    const folder = join(directory, 'evaluations', 'step-00000006');
    await mkdir(join(folder, 'brightness'), { recursive: true });
    await writeFile(resultsPath(folder, 'brightness'), '{"evaluator":"another"}\n');
    await writeFile(join(folder, 'brightness', 'old.png'), '');
    const { ema } = await runRecipe(withEvaluators(slot), { directory });
    disposeParams(ema);
    expect(await readdir(join(folder, 'brightness'))).not.toContain('old.png');
  });

  test('are left when the run is stopped', async () => {
    const controller = new AbortController();
    const stopping = {
      ...brightness,
      summarize: () => expect.fail('went on'),
      examples: () => {
        controller.abort(new Error('enough'));
        return brightness.examples();
      },
    };
    const recipeOf = withEvaluators({ ...slot, evaluator: stopping });
    const { step, interrupted, ema } = await runRecipe(recipeOf, {
      directory: await newFolder(),
      signal: controller.signal,
    });
    disposeParams(ema);
    expect({ step, interrupted }).toEqual({ step: 3, interrupted: true });
  });

  test('are checked before data is prepared', async () => {
    const needy = { ...brightness, needs: ['classify'] };
    const broken = { ...brightness, name: 'two words' };
    for (const [evaluator, message] of [
      [needy, "evaluator 'brightness' needs the prediction functions classify"],
      [broken, "name is 'two words'"],
    ] as const) {
      const sources = vi.fn(() => expect.fail('opened data'));
      const run = runRecipe(
        { ...withEvaluators({ ...slot, evaluator }), sources },
        { directory: await newFolder() },
      );
      await expect(run).rejects.toThrow(message);
    }
  });

  test('have an interval, and names of their own', () => {
    expect(() => withEvaluators({ ...slot, every: 0 })).toThrow(
      /evaluators\.0\.every|evaluators\[0\]\.every/,
    );
    expect(() => withEvaluators(slot, slot)).toThrow(/each name of an evaluator once/);
    expect(() => withEvaluators({ every: 1, evaluator: 3 })).toThrow(/an evaluator/);
  });
});
