import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import type { StreamedBatch } from '@transfusion/data';
import { selectEngine } from '@transfusion/engine';
import { disposeParams, mapParams } from '@transfusion/nn';
import { beforeAll, expect, test } from 'vitest';
import { listCheckpoints } from './checkpoint.js';
import { readMetrics } from './metrics-log.js';
import { openCheckpoint } from './open-checkpoint.js';
import { numbersOf, temporaryFolder, toyBatches, toyOptions } from './testing-internals/toy-run.js';
import { train } from './train.js';

type TrainOptions = ReturnType<typeof toyOptions>;

beforeAll(() => selectEngine('onnxruntime'));

/** Trains, and frees the result. */
async function run(options: TrainOptions) {
  const { ema, ...result } = await train(options);
  const numbers = numbersOf(ema);
  disposeParams(ema);
  return { ...result, ema: numbers };
}

/** The last checkpoint's files. */
async function filesOf(directory: string): Promise<Buffer[]> {
  const { path } = (await listCheckpoints(join(directory, 'checkpoints'))).at(-1)!;
  const names = ['model.safetensors', 'ema.safetensors', 'optimizer.safetensors', 'checkpoint.json'];
  return names.map((name) => readFileSync(join(path, name)));
}

/** Lines of the log, without the times. */
async function linesOf(directory: string) {
  const lines = await readMetrics(join(directory, 'metrics.jsonl'));
  return lines.map(({ stepMs: _step, waitMs: _wait, ...numbers }) => numbers);
}

async function stepsOf(directory: string): Promise<number[]> {
  return (await listCheckpoints(join(directory, 'checkpoints'))).map(({ step }) => step);
}

/** Options of a run that the signal ends after a step. */
function stoppedAfter(options: TrainOptions, step: number): TrainOptions {
  const controller = new AbortController();
  const onStep: TrainOptions['onStep'] = (metrics) => {
    if (metrics.step === step) controller.abort();
  };
  return { ...options, onStep, signal: controller.signal };
}

/** The toy batches, with something done to those from `index` on. */
async function* changedFrom(
  index: number,
  change: (item: StreamedBatch) => StreamedBatch,
): AsyncGenerator<StreamedBatch> {
  let i = 0;
  for await (const item of toyBatches()) yield i++ < index ? item : change(item);
}

const withNaN = ({ batch, next }: StreamedBatch): StreamedBatch => ({
  batch: { ...batch, tokenWeights: batch.tokenWeights.map(() => NaN) },
  next,
});

test('learns', async () => {
  const directory = temporaryFolder();
  await run({ ...toyOptions(directory), totalSteps: 120 });
  const lines = await linesOf(directory);
  expect(lines.map(({ step }) => step)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
  const mean = (name: string, from: number, to: number): number =>
    lines.slice(from, to).reduce((sum, line) => sum + line[name], 0) / (to - from);
  // Ten kinds of tokens: 2.3 by chance.
  expect(mean('loss/tokens', 0, 5)).toBeGreaterThan(2);
  expect(mean('loss/tokens', 100, 120)).toBeLessThan(1);
  expect(mean('loss/strip', 100, 120)).toBeLessThan(0.8 * mean('loss/strip', 0, 5));
  expect(await stepsOf(directory)).toEqual([112, 116, 120]);
});

test('starts from initial parameters, which it loads once', async () => {
  const first = await train({ ...toyOptions(temporaryFolder()), totalSteps: 30 });
  const directory = temporaryFolder();
  let asked = 0;
  const initialParams = () => {
    asked++;
    return mapParams(first.ema, (tensor) => tensor.clone());
  };
  const options = { ...toyOptions(directory), initialParams };
  await run({ ...options, totalSteps: 2 });
  await run({ ...options, totalSteps: 4 });
  expect(asked).toBe(1);
  const [line] = await linesOf(directory);
  const fresh = temporaryFolder();
  await run({ ...toyOptions(fresh), totalSteps: 1 });
  expect(line['loss']).toBeLessThan(0.8 * (await linesOf(fresh))[0]['loss']);
  disposeParams(first.ema);
});

test.each([1, 2])('resumes exactly, wherever it was stopped (%i micro-batches)', async (microBatches) => {
  const whole = { ...toyOptions(temporaryFolder()), microBatches, description: { sizes: [1, 2] } };
  const expected = await run(whole);
  expect(expected).toMatchObject({ step: 10, interrupted: false, checkpoint: { step: 10 } });
  const directory = temporaryFolder();
  const options = { ...whole, directory };
  for (const stop of [1, 4, 5, 9]) {
    const stopped = await run(stoppedAfter(options, stop));
    expect(stopped).toMatchObject({ step: stop, interrupted: true, checkpoint: { step: stop } });
  }
  expect((await run(options)).ema).toEqual(expected.ema);
  expect(await filesOf(directory)).toEqual(await filesOf(whole.directory));
  expect(await linesOf(directory)).toEqual(await linesOf(whole.directory));
});

test('updates parameters and their EMA between steps, also after a resume', async () => {
  const updated: number[] = [];
  const paramUpdate: TrainOptions['paramUpdate'] = {
    every: 3,
    run: async (_params, step) => {
      updated.push(step);
      return (params) =>
        mapParams(params, (tensor, path) => (path.includes('norm') ? tf.fill(tensor.shape, step) : tensor));
    },
  };
  const whole = { ...toyOptions(temporaryFolder()), paramUpdate, totalSteps: 6 };
  const tensors = tf.memory().numTensors;
  const expected = await run(whole);
  expect(tf.memory().numTensors).toBe(tensors);
  expect(updated).toEqual([3, 6]);
  const norms = Object.entries(expected.ema).filter(([path]) => path.includes('norm'));
  expect(norms.length).toBeGreaterThan(0);
  expect(norms.flatMap(([, values]) => values).every((value) => value === 6)).toBe(true);
  const directory = temporaryFolder();
  for (const stop of [3, 4]) await run(stoppedAfter({ ...whole, directory }, stop));
  expect((await run({ ...whole, directory })).ema).toEqual(expected.ema);
  expect(await filesOf(directory)).toEqual(await filesOf(whole.directory));
});

test('repeats steps without a checkpoint, and logs them once', async () => {
  const whole = toyOptions(temporaryFolder());
  await run(whole);
  const directory = temporaryFolder();
  for (const fatal of [3, 6, 8]) {
    const onStep: TrainOptions['onStep'] = ({ step }) => {
      if (step === fatal) throw new Error(`died at ${step}`);
    };
    await expect(train({ ...whole, directory, onStep })).rejects.toThrow(`died at ${fatal}`);
  }
  expect(await stepsOf(directory)).toEqual([4]);
  await run({ ...whole, directory });
  expect(await filesOf(directory)).toEqual(await filesOf(whole.directory));
  expect(await linesOf(directory)).toEqual(await linesOf(whole.directory));
});

test('finishes a save when the signal comes in the middle of it', async () => {
  const directory = temporaryFolder();
  const controller = new AbortController();
  const onStep: TrainOptions['onStep'] = ({ step }) => {
    if (step === 4) setImmediate(() => controller.abort());
  };
  const result = await run({ ...toyOptions(directory), onStep, signal: controller.signal });
  expect(result).toMatchObject({ step: 4, interrupted: true, checkpoint: { step: 4 } });
  expect(await stepsOf(directory)).toEqual([4]);
});

test('stops before the first step if the signal is already aborted', async () => {
  const directory = temporaryFolder();
  const options = { ...toyOptions(directory), totalSteps: 2 };
  expect(await run({ ...options, signal: AbortSignal.abort() })).toMatchObject({
    step: 0,
    interrupted: true,
  });
  expect(await run(options)).toMatchObject({ step: 2, interrupted: false });
});

test('does nothing if all steps are completed', async () => {
  const directory = temporaryFolder();
  const options = toyOptions(directory);
  const done = await run(options);
  const batches = () => {
    throw new Error('no data is needed');
  };
  expect(await run({ ...options, batches })).toEqual(done);
  expect(await run({ ...options, batches, totalSteps: 6 })).toEqual(done);
  expect(await linesOf(directory)).toHaveLength(10);
});

test('skips non-finite steps, and stops after several in a row', async () => {
  const directory = temporaryFolder();
  const options = { ...toyOptions(directory), maxSkippedInARow: 3 };
  const failing = train({ ...options, batches: () => changedFrom(5, withNaN) });
  await expect(failing).rejects.toThrow(
    /^Step 8: .* not finite in 3 consecutive steps, the last time the loss of tokens\. The last checkpoint is .*step-00000004\./,
  );
  expect(await stepsOf(directory)).toEqual([4]);
  const lines = await linesOf(directory);
  expect(lines.map(({ applied }) => applied)).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
  expect(lines[7]).not.toHaveProperty('loss');

  // The count survives a resume, and good batches end it.
  const paused = { ...options, directory: temporaryFolder(), checkpointEvery: 1 };
  await run(stoppedAfter({ ...paused, batches: () => changedFrom(5, withNaN) }, 7));
  const { path } = (await listCheckpoints(join(paused.directory, 'checkpoints'))).at(-1)!;
  expect(await openCheckpoint(path)).toMatchObject({ step: 7, skippedInARow: 2 });
  expect(await run(paused)).toMatchObject({ step: 10 });
});

test('keeps good checkpoints while steps are skipped', async () => {
  const directory = temporaryFolder();
  const options = { ...toyOptions(directory), checkpointEvery: 1, keepCheckpoints: 2, maxSkippedInARow: 4 };
  await expect(train({ ...options, batches: () => changedFrom(5, withNaN) })).rejects.toThrow(
    'in 4 consecutive steps',
  );
  expect(await stepsOf(directory)).toEqual([4, 5, 8]);
  // Good data follows.
  await run(options);
  expect(await stepsOf(directory)).toEqual([9, 10]);
});

test("stores the model's config and files, which it reads once, and compares the config", async () => {
  const directory = temporaryFolder();
  let asked = 0;
  const assets = async () => {
    asked++;
    return { 'modalities/text/tokenizer.json': Buffer.from('{}') };
  };
  const config = { vocabulary: [{ modality: 'text', size: 6 }], codec: undefined };
  const options = { ...toyOptions(directory), model: { ...toyOptions(directory).model, config, assets } };
  await run({ ...options, totalSteps: 8 });
  expect(asked).toBe(1);
  for (const { path } of await listCheckpoints(join(directory, 'checkpoints'))) {
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint).toMatchObject({
      model: { vocabulary: [{ modality: 'text', size: 6 }] },
      description: null,
      assets: ['modalities/text/tokenizer.json'],
    });
    expect(Buffer.from(await checkpoint.readAsset('modalities/text/tokenizer.json')).toString()).toBe('{}');
  }
  const other = { ...config, vocabulary: [{ modality: 'text', size: 7 }] };
  await expect(train({ ...options, model: { ...options.model, config: other } })).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringContaining('model.vocabulary.0.size is 6 there, 7 here') as string,
  });
  const without = { ...options.model, config: undefined };
  await expect(train({ ...options, model: without })).rejects.toThrow('there, null here');
  expect(await run(options)).toMatchObject({ step: 10 });
});

test('calls back at the steps asked for, and at the end', async () => {
  const directory = temporaryFolder();
  const calls: [number, boolean][] = [];
  const callback = {
    every: 3,
    run: async ({
      step,
      log,
      ema,
      params,
    }: Parameters<NonNullable<TrainOptions['callbacks']>[0]['run']>[0]) => {
      const isSaved = (await stepsOf(directory)).includes(step);
      calls.push([step, isSaved]);
      expect(Object.keys(numbersOf(ema))).toEqual(Object.keys(numbersOf(params)));
      await log({ 'validation/loss': step / 2 });
    },
  };
  await run({ ...toyOptions(directory), callbacks: [callback], checkpointEvery: 6 });
  expect(calls).toEqual([
    [3, false],
    [6, true],
    [9, false],
    [10, true],
  ]);
  const logged = (await linesOf(directory)).filter((line) => 'validation/loss' in line);
  expect(logged).toEqual([3, 6, 9, 10].map((step) => ({ step, 'validation/loss': step / 2 })));
});

test('resumes after a failed callback', async () => {
  const directory = temporaryFolder();
  const callbacks = [{ every: 4, run: () => Promise.reject(new Error('no evaluation')) }];
  await expect(train({ ...toyOptions(directory), callbacks })).rejects.toThrow('no evaluation');
  expect(await stepsOf(directory)).toEqual([4]);
  expect(await run(toyOptions(directory))).toMatchObject({ step: 10 });
});

test('refuses a run with a different configuration, and reports the difference', async () => {
  const directory = temporaryFolder();
  const options = { ...toyOptions(directory), totalSteps: 1 };
  await run({ ...options, description: { transformer: { numLayers: 1, modelDim: 8 }, seed: undefined } });
  const other = { ...options, description: { transformer: { modelDim: 16, numLayers: 1 } } };
  await expect(train(other)).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringMatching(
      /step-00000001 belongs to a run with a different configuration: description\.transformer\.modelDim is 8 there, 16 here\. Use another directory/,
    ) as string,
  });
  await expect(train(options)).rejects.toThrow(
    'description is {"transformer":{"numLayers":1,"modelDim":8}} there, null here',
  );
  expect(
    await run({ ...options, description: { transformer: { modelDim: 8, numLayers: 1 } } }),
  ).toMatchObject({ step: 1 });
});

test('reports the end of the data, and forwards its errors', async () => {
  const options = toyOptions(temporaryFolder());
  async function* three(): AsyncGenerator<StreamedBatch> {
    let count = 0;
    for await (const item of toyBatches())
      if (count++ < 3) yield item;
      else return;
  }
  await expect(train({ ...options, batches: three })).rejects.toThrow(
    'The data ended after step 3, expected batches for 10 steps',
  );
  const broken = () =>
    changedFrom(2, () => {
      throw new Error('the archive is gone');
    });
  await expect(train({ ...toyOptions(temporaryFolder()), batches: broken })).rejects.toThrow(
    'the archive is gone',
  );
});

test('says when a checkpoint cannot be written', async () => {
  const directory = temporaryFolder();
  const onStep: TrainOptions['onStep'] = ({ step }) => {
    if (step !== 4) return;
    rmSync(join(directory, 'checkpoints'), { recursive: true });
    writeFileSync(join(directory, 'checkpoints'), '');
  };
  await expect(train({ ...toyOptions(directory), onStep })).rejects.toMatchObject({
    code: 'training-failed',
    message: expect.stringMatching(
      /step-00000004 could not be written: .*\. Fix that, then start again/,
    ) as string,
  });
});

test('frees all tensors in any case', async () => {
  const { numTensors } = tf.memory();
  const fatal = { every: 2, run: () => Promise.reject(new Error('fatal')) };
  await run(toyOptions(temporaryFolder()));
  expect(tf.memory().numTensors).toBe(numTensors);
  const directory = temporaryFolder();
  await expect(train({ ...toyOptions(directory), callbacks: [fatal], checkpointEvery: 1 })).rejects.toThrow(
    'fatal',
  );
  expect(tf.memory().numTensors).toBe(numTensors);
  await expect(train({ ...toyOptions(directory), description: 'another' })).rejects.toThrow('configuration');
  expect(tf.memory().numTensors).toBe(numTensors);
  const { path } = (await listCheckpoints(join(directory, 'checkpoints'))).at(-1)!;
  writeFileSync(join(path, 'optimizer.safetensors'), 'damaged');
  await expect(train(toyOptions(directory))).rejects.toMatchObject({ code: 'invalid-file' });
  expect(tf.memory().numTensors).toBe(numTensors);
  const failing = {
    ...toyOptions(temporaryFolder()),
    maxSkippedInARow: 1,
    batches: () => changedFrom(1, withNaN),
  };
  await expect(train(failing)).rejects.toThrow('not finite');
  expect(tf.memory().numTensors).toBe(numTensors);
});

test('needs no more memory the longer it runs', async () => {
  const found: number[] = [];
  const onStep = (): void => void found.push(tf.memory().numTensors);
  await run({ ...toyOptions(temporaryFolder()), onStep, totalSteps: 12 });
  expect(new Set(found.slice(1)).size).toBe(1);
});

test.each([
  [{ totalSteps: -1 }, 'totalSteps is -1'],
  [{ microBatches: 0 }, 'microBatches is 0'],
  [{ checkpointEvery: 2.5 }, 'checkpointEvery is 2.5'],
  [{ keepCheckpoints: 0 }, 'keepCheckpoints is 0'],
  [{ maxSkippedInARow: NaN }, 'maxSkippedInARow is NaN'],
  [{ callbacks: [{ every: 0, run: async () => undefined }] }, 'callbacks[0].every is 0'],
])('refuses %o', async (change, message) => {
  await expect(train({ ...toyOptions('nowhere'), ...change })).rejects.toThrow(message);
});
