/**
 * The training loop. A checkpoint contains everything that a step depends on (parameters, optimizer state,
 * data cursor, step number), so an interrupted run resumes from its last checkpoint bit-identically to an
 * uninterrupted one.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { createRng, disposeParams, emaDecayAt, zeroRng, type Params } from '@transfusion/nn';
import { pruneCheckpoints, removeLeftovers, saveCheckpoint, type StoredCheckpoint } from './checkpoint.js';
import { withDirectoryLock } from './directory-lock.js';
import { openMetricsLog } from './metrics-log.js';
import { prefetch } from './prefetch.js';
import { startOrResume, type Start } from './resume.js';
import { describeNonFinite, flatMetrics, readReport, type StepMetrics } from './step-metrics.js';
import { openTensorBoardLog } from './tensorboard-log.js';
import { checkTrainOptions, type TrainOptions } from './train-options.js';
import { createTrainStep, type TrainStep } from './train-step.js';
import { trainedParams } from './trained-params.js';

export type {
  CallbackContext,
  PeriodicParamUpdate,
  TrainCallback,
  TrainingBatchEntry,
  TrainOptions,
} from './train-options.js';
import { updateParams } from './update-params.js';

/** The result of {@link train}. */
export interface TrainResult<P extends Params = Params> {
  /** Number of completed steps. */
  readonly step: number;
  /** True if the signal stopped it before `totalSteps`. */
  readonly interrupted: boolean;
  /** The last checkpoint. */
  readonly checkpoint: StoredCheckpoint;
  /** EMA of the parameters; the caller's to dispose of. */
  readonly ema: P;
}

/**
 * Trains until `totalSteps` or the signal. With the directory of an existing run, it resumes that run.
 *
 * @throws TransfusionError `mismatch` if the directory has a run with a different model or description,
 *   `invalid-file` if its checkpoint is damaged, `not-found` if `resumeFrom` is not one of its checkpoints,
 *   `training-failed` if too many consecutive steps had a non-finite loss or gradient, the data ended, the disk
 *   is full, or another process trains in the directory
 */
export async function train<
  P extends Params,
  Arrays,
  Batch extends object,
  OptimizerState extends Params,
  Cursor = unknown,
>(options: TrainOptions<P, Arrays, Batch, OptimizerState, Cursor>): Promise<TrainResult<P>> {
  checkTrainOptions(options);
  const { directory, lock } = options;
  return lock === undefined ? withDirectoryLock(directory, () => trainLocked(options)) : trainLocked(options);
}

async function trainLocked<
  P extends Params,
  Arrays,
  Batch extends object,
  OptimizerState extends Params,
  Cursor,
>(options: TrainOptions<P, Arrays, Batch, OptimizerState, Cursor>): Promise<TrainResult<P>> {
  const { model, seed, directory, description, resumeFrom, initialParams } = options;
  const checkpoints = join(directory, 'checkpoints');
  await mkdir(checkpoints, { recursive: true });
  await removeLeftovers(checkpoints);
  const step = createTrainStep(model, options);
  try {
    const like = () => step.init(model.init(zeroRng));
    const fresh = async () =>
      step.init(await (initialParams?.() ?? model.init(createRng(seed).fork('parameters'))));
    const run = { model: model.config, description, resumeFrom };
    const start = await startOrResume<P, OptimizerState, Cursor>(checkpoints, run, { like, fresh });
    return await runSteps(options, step, start, checkpoints);
  } finally {
    step.dispose();
  }
}

/** Runs the steps; takes ownership of the state it starts from. */
async function runSteps<
  P extends Params,
  Arrays,
  Batch extends object,
  OptimizerState extends Params,
  Cursor,
>(
  options: TrainOptions<P, Arrays, Batch, OptimizerState, Cursor>,
  step: TrainStep<P, Batch, OptimizerState>,
  start: Start<P, OptimizerState, Cursor>,
  checkpoints: string,
): Promise<TrainResult<P>> {
  const { model, directory, totalSteps, lrSchedule, microBatches = 1, emaDecay = 0.999, signal } = options;
  const {
    checkpointEvery = 500,
    keepCheckpoints = 3,
    maxSkippedInARow = 10,
    callbacks = [],
    paramUpdate,
  } = options;
  let { state, done, cursor, skippedInARow, checkpoint } = start;
  let assets: Readonly<Record<string, Uint8Array>> | undefined;

  const save = async (): Promise<StoredCheckpoint> => {
    if (checkpoint?.step === done) return checkpoint;
    const { description } = options;
    const info = { step: done, skippedInARow, cursor, model: model.config, description };
    const { params, ema, optimizerState } = state;
    assets ??= (await model.assets?.()) ?? {};
    checkpoint = await saveCheckpoint(
      checkpoints,
      info,
      { model: params, ema, optimizer: optimizerState },
      assets,
    );
    await pruneCheckpoints(checkpoints, keepCheckpoints);
    return checkpoint;
  };

  const trainedPaths = Object.keys(trainedParams(state.params, options.freeze));
  const steps = prefetch(
    groupItems(() => options.batches(start.cursor, start.done), microBatches),
    2,
  );
  let isFinished = false;
  try {
    const log = await openLogs(directory, done);
    while (done < totalSteps && !signal?.aborted) {
      const stepStart = performance.now();
      const next = await steps.next();
      if (next.done) throw dataEnded(done, totalSteps);
      const waitMs = performance.now() - stepStart;
      const arrays = next.value.map(({ batch }) => batch);
      const counts = model.lossCounts(arrays);
      const learningRate = lrSchedule(done);
      const settings = { learningRate, emaDecay: emaDecayAt(done, emaDecay) };
      const result = withBatchTensors(model, arrays, counts, (batches) => step.run(state, batches, settings));
      state = result.state;
      const report = await readReport(result.report, counts, trainedPaths);
      tf.dispose(result.report);
      done++;
      cursor = next.value.at(-1)!.next;
      skippedInARow = report.applied ? 0 : skippedInARow + 1;
      const stepMs = performance.now() - stepStart;
      const metrics: StepMetrics = {
        step: done,
        ...report,
        learningRate,
        ...model.batchSizes(arrays),
        stepMs,
        waitMs,
      };
      await log(done, flatMetrics(metrics));
      options.onStep?.(metrics);
      if (skippedInARow >= maxSkippedInARow) throw nonFiniteSteps(metrics, skippedInARow, checkpoint);
      if (paramUpdate !== undefined && done % paramUpdate.every === 0) {
        state = await updateParams(state, paramUpdate, done);
      }
      const isLast = done === totalSteps;
      // Before the callbacks, which may take long or fail.
      if (done % checkpointEvery === 0 || isLast || signal?.aborted) await save();
      // An aborted run should stop quickly, without its callbacks.
      if (signal?.aborted) break;
      for (const callback of callbacks) {
        if (done % callback.every !== 0 && !isLast) continue;
        const { params, ema } = state;
        const stepsDone = done;
        await callback.run({
          params,
          ema,
          step: stepsDone,
          directory,
          log: (scalars) => log(stepsDone, scalars),
        });
      }
    }
    const last = await save();
    isFinished = true;
    return { step: done, interrupted: done < totalSteps, checkpoint: last, ema: state.ema };
  } finally {
    disposeParams({ params: state.params, optimizerState: state.optimizerState });
    if (!isFinished) disposeParams(state.ema);
    await steps.return(undefined);
  }
}

type Log = (step: number, scalars: Readonly<Record<string, number>>) => Promise<void>;

async function openLogs(directory: string, done: number): Promise<Log> {
  const metricsLog = await openMetricsLog(join(directory, 'metrics.jsonl'), done);
  const tensorBoard = await openTensorBoardLog(join(directory, 'tensorboard'), done);
  return async (step, scalars) => {
    await metricsLog.append({ step, ...scalars });
    await tensorBoard.append(step, scalars);
  };
}

/** Uploads batches, calls `run` with them, and frees them. */
function withBatchTensors<Arrays, Batch extends object, T>(
  model: Pick<TrainOptions<Params, Arrays, Batch>['model'], 'batchTensors'>,
  arrays: readonly Arrays[],
  counts: Readonly<Record<string, number>>,
  run: (batches: readonly Batch[]) => T,
): T {
  const batches = arrays.map((batch) => model.batchTensors(batch, counts));
  try {
    return run(batches);
  } finally {
    tf.dispose(batches as tf.TensorContainer);
  }
}

async function* groupItems<T>(open: () => AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of open()) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
}

function dataEnded(step: number, totalSteps: number): TransfusionError {
  return new TransfusionError(
    'training-failed',
    `The data ended after step ${step}, expected batches for ${totalSteps} steps. Provide endless batches, or train for ` +
      'fewer steps.',
  );
}

function nonFiniteSteps(
  { step, nonFinite = [] }: StepMetrics,
  count: number,
  last: StoredCheckpoint | undefined,
): TransfusionError {
  const state = last === undefined ? 'No checkpoint was written yet' : `The last checkpoint is ${last.path}`;
  return new TransfusionError(
    'training-failed',
    `Step ${step}: the loss or gradient was not finite in ${count} consecutive steps, the last time the ` +
      `${describeNonFinite(nonFinite)}. ${state}. ` +
      'Lower the learning rate, or check the data.',
  );
}
