import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selectEngine } from '@transfusion/engine';
import { TransfusionError } from '@transfusion/errors';
import { createModalityRegistry } from '@transfusion/modality';
import { readImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { disposeParams } from '@transfusion/nn';
import { readMetrics, type StepMetrics } from '@transfusion/trainer';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { defineRecipe } from './define-recipe.js';
import type { OpenSources } from './recipe.js';
import { runRecipe, type RunEvent, type RunOptions, type RunResult } from './run-recipe.js';
import { tinyRecipe } from './testing-internals/tiny-recipe.js';

const recipe = defineRecipe(tinyRecipe());

async function lossesOf(run: string): Promise<number[]> {
  return (await readMetrics(join(run, 'metrics.jsonl'))).map((line) => Number(line['loss']));
}

async function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'run-recipe-'));
}

async function run(directory: string, options: Omit<RunOptions, 'directory'> = {}): Promise<Seen> {
  const events: RunEvent[] = [];
  const steps: StepMetrics[] = [];
  const result = await runRecipe(recipe, {
    directory,
    onStep: (metrics) => steps.push(metrics),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { result, events, steps };
}

interface Seen {
  readonly result: RunResult;
  readonly events: readonly RunEvent[];
  readonly steps: readonly StepMetrics[];
}

let directory: string;
let whole: Seen;

beforeAll(async () => {
  await selectEngine('onnxruntime');
  directory = await newFolder();
  whole = await run(directory);
});

test('completes, and reports events', () => {
  expect(whole.result).toMatchObject({ step: 6, interrupted: false });
  expect(whole.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(whole.events.map((event) => `${event.type} ${'step' in event ? event.step : event.what}`)).toEqual([
    'start 0',
    'evaluation 3',
    'evaluation 6',
    'samples 6',
  ]);
});

test('reports progress of data preparation', async () => {
  const events: RunEvent[] = [];
  const sources: OpenSources = (preparation) => {
    preparation?.onProgress?.('latents', 1, 2);
    return recipe.sources();
  };
  const { ema } = await runRecipe(
    { ...recipe, sources },
    { directory: await newFolder(), stopAt: 1, onEvent: (event) => void events.push(event) },
  );
  disposeParams(ema);
  expect(events[0]).toEqual({ type: 'preparing', what: 'latents', done: 1, total: 2 });
  expect(events[1]).toMatchObject({ type: 'start' });
});

test('a stopped run resumes with the same losses', async () => {
  const other = await newFolder();
  const first = await run(other, { stopAt: 2 });
  expect(first.result.interrupted).toBe(false);
  const second = await run(other);
  expect(second.events[0]).toMatchObject({ type: 'start', step: 2 });
  const losses = [...first.steps, ...second.steps].map(({ loss }) => loss);
  expect(losses).toEqual(whole.steps.map(({ loss }) => loss));
  disposeParams([first.result.ema, second.result.ema]);
});

test('logs validation losses that add up', async () => {
  const evaluated = (await readMetrics(join(directory, 'metrics.jsonl'))).filter(
    (line) => 'validation/loss' in line,
  );
  expect(evaluated.map(({ step }) => step)).toEqual([3, 6]);
  for (const line of evaluated) {
    expect(line['validation/loss']).toBeCloseTo(line['validation/tokens'] + 5 * line['validation/image'], 4);
  }
});

test.each(['validation', 'sources'] as const)('reports an unusable record of %s once', async (data) => {
  const [{ source, transform }] = await recipe[data]!();
  const read: typeof source.read = async (index, rng) => {
    if (index === 1) throw new TransfusionError('invalid-record', 'it is torn.');
    return source.read(index, rng);
  };
  const onSkip = vi.fn();
  const { ema } = await runRecipe(
    { ...recipe, samples: undefined, [data]: () => [{ source: { ...source, read }, transform }] },
    { directory: await newFolder(), onSkip },
  );
  expect(onSkip.mock.calls).toEqual([[{ source: 'squares', location: 'square 1', reason: 'it is torn.' }]]);
  disposeParams(ema);
});

test('writes samples as files of their modality’s media, and a JSON file', async () => {
  const folder = join(directory, 'samples');
  expect((await readdir(folder)).sort()).toEqual(['step-00000006.image.png', 'step-00000006.json']);
  const records = JSON.parse(await readFile(join(folder, 'step-00000006.json'), 'utf8'));
  const image = { file: 'step-00000006.image.png', index: 0 };
  expect(records[0]).toEqual({ prompt: [{ text: 'red' }], generated: [{ image }] });
  expect((await readImage(join(folder, image.file))).height).toBe(8);
});

describe('starting from a different run', () => {
  const [words, images] = [recipe.modalities.discrete[0], recipe.modalities.continuous[0]];
  const codec = { ...images.codec, id: 'a follower' };
  const other = {
    ...recipe,
    modalities: createModalityRegistry(words, { ...images, codec }),
    samples: undefined,
  };

  test('uses its weights', { timeout: 60_000 }, async () => {
    const folder = await newFolder();
    const { ema } = await runRecipe(
      { ...recipe, samples: undefined },
      { directory: folder, initFrom: directory, stopAt: 1 },
    );
    disposeParams(ema);
    const [first, again] = await Promise.all([directory, folder].map(lossesOf));
    expect(again[0]).toBeLessThan(first[0]);
  });

  test('refuses a different model', async () => {
    const transformer = { ...recipe.transformer, qkNorm: true };
    await expect(
      runRecipe({ ...recipe, transformer }, { directory: await newFolder(), initFrom: directory }),
    ).rejects.toThrow(/holds a different model: transformer\.qkNorm is false there, true here/);
  });

  test('accepts other codecs only with otherCodecs', { timeout: 60_000 }, async () => {
    await expect(runRecipe(other, { directory: await newFolder(), initFrom: directory })).rejects.toThrow(
      'a follower',
    );
    const folder = await newFolder();
    const { ema } = await runRecipe(other, { directory: folder, initFrom: directory, otherCodecs: true });
    disposeParams(ema);
    const [first, again] = await Promise.all([directory, folder].map(lossesOf));
    expect(again[0]).toBeLessThan(first[0]);
  });
});

test('a run of a different recipe is not resumed', async () => {
  await expect(runRecipe({ ...recipe, seed: 1 }, { directory })).rejects.toThrow(
    'belongs to a run with a different configuration',
  );
});

test('a sample that its codec refuses stops the run before the first step', async () => {
  const image = recipe.modalities.continuous[0];
  const encode = () => Promise.reject(new Error('no such image'));
  const modalities = createModalityRegistry(text(), { ...image, codec: { ...image.codec, encode } });
  const segment = { modality: 'image', value: { width: 1, height: 1, data: new Uint8Array(3) } };
  const onStep = vi.fn();
  const samples = { ...recipe.samples!, requests: [{ prompt: [segment], maxTokens: 4 }] };
  const started = runRecipe({ ...recipe, modalities, samples }, { directory: await newFolder(), onStep });
  await expect(started).rejects.toThrow('no such image');
  expect(onStep).not.toHaveBeenCalled();
});
