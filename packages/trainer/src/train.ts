/**
 * The training loop. Everything that a step depends on (parameters, optimizer, place in the data,
 * number of the step) is in the checkpoint, so a run that was stopped anywhere goes on from its last
 * checkpoint with the same numbers, bit for bit, as if it had not been.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  batchTensors,
  lossCounts,
  type BatchArrays,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { prefetch, type StreamedBatch, type StreamState } from '@transfusion/data';
import {
  createRng,
  disposeParams,
  emaDecayAt,
  TransfusionError,
  type LrSchedule,
  type Optimizer,
  type Params,
} from '@transfusion/nn';
import {
  listCheckpoints,
  pruneCheckpoints,
  readCheckpointInfo,
  readCheckpointTree,
  removeLeftovers,
  saveCheckpoint,
  type StoredCheckpoint,
} from './checkpoint.js';
import { openMetricsLog } from './metrics-log.js';
import { openTensorBoardLog } from './tensorboard-log.js';
import { createTrainStep, type StepReport, type TrainState } from './train-step.js';

/** All that makes a run. */
export interface TrainOptions<OptimizerState extends Params = Params> {
  readonly model: Transfusion;
  readonly optimizer: Optimizer<OptimizerState>;
  readonly lrSchedule: LrSchedule;
  readonly totalSteps: number;
  /** Batches from a place in the data on; from its beginning if there is none. */
  readonly batches: (from?: StreamState) => AsyncIterable<StreamedBatch>;
  /** Decides the starting parameters. */
  readonly seed: number;
  /** Where checkpoints and logs go; a run that is there already is continued. */
  readonly directory: string;
  /** Batches whose gradients are added up for a step; 1 by default. */
  readonly microBatches?: number;
  /** Largest norm of the gradient; 1 by default. */
  readonly clipNorm?: number;
  /** Decay of the running mean of the parameters; 0.999 by default. */
  readonly emaDecay?: number;
  /** Steps between checkpoints; 500 by default. There is one at the end in any case. */
  readonly checkpointEvery?: number;
  /** How many checkpoints stay; 3 by default. */
  readonly keepCheckpoints?: number;
  /** Stops when so many steps in a row were skipped because something was not finite; 10 by default. */
  readonly maxSkippedInARow?: number;
  /** What the checkpoint says about the model; JSON. A run is only continued if it says the same. */
  readonly description?: unknown;
  readonly callbacks?: readonly TrainCallback[];
  /** Called after each step. */
  onStep?(metrics: StepMetrics): void;
  /** When aborted, the step under way is finished and saved. */
  readonly signal?: AbortSignal;
}

/** Something to do every so many steps, and at the end. */
export interface TrainCallback {
  readonly every: number;
  run(context: CallbackContext): Promise<void>;
}

export interface CallbackContext {
  readonly model: Transfusion;
  /** Running mean of the parameters. They are gone after the callback. */
  readonly ema: TransfusionParams;
  readonly params: TransfusionParams;
  /** Steps done. */
  readonly step: number;
  readonly directory: string;
  /** Adds numbers to the logs at this step. */
  log(scalars: Readonly<Record<string, number>>): Promise<void>;
}

/** What is known after a step. */
export interface StepMetrics {
  /** Steps done, from 1. */
  readonly step: number;
  /** The joint loss. */
  readonly loss: number;
  /** Means of its parts: `tokens`, and by modality. A part that did not occur is absent. */
  readonly parts: Readonly<Record<string, number>>;
  readonly gradNorm: number;
  readonly learningRate: number;
  /** False if something was not finite, so that the step was skipped. */
  readonly applied: boolean;
  /** Elements of documents (tokens and patches) in the step's rows. */
  readonly elements: number;
  readonly documents: number;
  /** Share of the rows' places that hold an element. */
  readonly fill: number;
  /** The whole step. */
  readonly stepMs: number;
  /** How much of it was waiting for data. */
  readonly waitMs: number;
}

export interface TrainResult {
  readonly step: number;
  readonly interrupted: boolean;
  readonly checkpoint: StoredCheckpoint;
  /** Running mean of the parameters; the caller's to dispose of. */
  readonly ema: TransfusionParams;
}

/**
 * Trains to the end, or until the signal.
 *
 * @throws TransfusionError `mismatch` if the directory holds a run of another description,
 *   `training-failed` if too many steps in a row were not finite
 */
export async function train<OptimizerState extends Params>(
  options: TrainOptions<OptimizerState>,
): Promise<TrainResult> {
  const { model, directory, totalSteps, lrSchedule, microBatches = 1, emaDecay = 0.999 } = options;
  const { checkpointEvery = 500, keepCheckpoints = 3, maxSkippedInARow = 10, callbacks = [] } = options;
  const checkpoints = join(directory, 'checkpoints');
  await mkdir(checkpoints, { recursive: true });
  await removeLeftovers(checkpoints);

  const step = createTrainStep(model, options);
  let { state, done, cursor, skippedInARow } = await startOrResume(options, checkpoints, step.init);
  let last: StoredCheckpoint | undefined = done > 0 ? (await listCheckpoints(checkpoints)).at(-1) : undefined;
  const metricsLog = await openMetricsLog(join(directory, 'metrics.jsonl'), done);
  const tensorBoard = await openTensorBoardLog(join(directory, 'tensorboard'), done);
  const log = async (at: number, scalars: Readonly<Record<string, number>>): Promise<void> => {
    await metricsLog.append({ step: at, ...scalars });
    await tensorBoard.append(at, scalars);
  };
  const save = async (): Promise<void> => {
    if (last?.step === done) return;
    const info = {
      formatVersion: 1,
      step: done,
      skippedInARow,
      cursor,
      description: options.description ?? null,
    } as const;
    last = await saveCheckpoint(checkpoints, info, {
      model: state.params,
      ema: state.ema,
      optimizer: state.optimizer,
    });
    await pruneCheckpoints(checkpoints, keepCheckpoints);
  };

  const steps = prefetch(grouped(options.batches(cursor), microBatches), 2);
  try {
    while (done < totalSteps && !options.signal?.aborted) {
      const begun = performance.now();
      const next = await steps.next();
      if (next.done) throw new TransfusionError('training-failed', `The data ended at step ${done}.`);
      const waitMs = performance.now() - begun;
      const arrays = next.value.map(({ batch }) => batch);
      const counts = lossCounts(arrays);
      const batches = arrays.map((batch) => batchTensors(batch, counts));
      const learningRate = lrSchedule(done);
      const result = step.run(state, batches, { learningRate, emaDecay: emaDecayAt(done, emaDecay) });
      state = result.state;
      const report = await readReport(result.report, counts);
      tf.dispose([batches, result.report]);
      done++;
      cursor = next.value.at(-1)!.next;
      skippedInARow = report.applied ? 0 : skippedInARow + 1;
      const stepMs = performance.now() - begun;
      const metrics = { step: done, ...report, learningRate, ...sizes(arrays), stepMs, waitMs };
      await log(done, flatMetrics(metrics));
      options.onStep?.(metrics);
      if (skippedInARow >= maxSkippedInARow) throw notFinite(done, skippedInARow, last);
      if (done % checkpointEvery === 0) await save();
      for (const callback of callbacks) {
        if (done % callback.every !== 0 && done !== totalSteps) continue;
        const { params, ema } = state;
        await callback.run({
          model,
          params,
          ema,
          step: done,
          directory,
          log: (scalars) => log(done, scalars),
        });
      }
    }
    await save();
  } finally {
    await steps.return(undefined);
    step.dispose();
    disposeParams({ params: state.params, optimizer: state.optimizer });
  }
  return { step: done, interrupted: done < totalSteps, checkpoint: last!, ema: state.ema };
}

interface Start<OptimizerState extends Params> {
  state: TrainState<OptimizerState>;
  done: number;
  cursor: StreamState | undefined;
  skippedInARow: number;
}

async function startOrResume<OptimizerState extends Params>(
  { model, seed, description = null }: TrainOptions<OptimizerState>,
  checkpoints: string,
  init: (params: TransfusionParams) => TrainState<OptimizerState>,
): Promise<Start<OptimizerState>> {
  const fresh = init(model.init(createRng(seed).fork('parameters')));
  const latest = (await listCheckpoints(checkpoints)).at(-1);
  if (latest === undefined) return { state: fresh, done: 0, cursor: undefined, skippedInARow: 0 };
  const info = await readCheckpointInfo(latest.path);
  if (JSON.stringify(info.description) !== JSON.stringify(description)) {
    throw new TransfusionError(
      'mismatch',
      `${latest.path} belongs to a run with another configuration. Train into another directory, or delete this one.`,
    );
  }
  const state: TrainState<OptimizerState> = {
    params: await readCheckpointTree(latest.path, 'model', fresh.params),
    ema: await readCheckpointTree(latest.path, 'ema', fresh.ema),
    optimizer: await readCheckpointTree(latest.path, 'optimizer', fresh.optimizer),
  };
  disposeParams(fresh);
  const { step, cursor, skippedInARow } = info;
  return { state, done: step, cursor: cursor as StreamState, skippedInARow };
}

async function* grouped<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
}

async function readReport(
  { loss, gradNorm, applied, sums }: StepReport,
  counts: Readonly<Record<string, number>>,
): Promise<Pick<StepMetrics, 'loss' | 'gradNorm' | 'applied' | 'parts'>> {
  const read = async (scalar: tf.Scalar): Promise<number> => (await scalar.data())[0];
  const parts: Record<string, number> = {};
  for (const [name, sum] of Object.entries(sums)) {
    if (counts[name] > 0) parts[name] = (await read(sum)) / counts[name];
  }
  return {
    loss: await read(loss),
    gradNorm: await read(gradNorm),
    applied: (await read(applied)) === 1,
    parts,
  };
}

function sizes(batches: readonly BatchArrays[]): Pick<StepMetrics, 'elements' | 'documents' | 'fill'> {
  const elements = batches.reduce((sum, { numElements }) => sum + numElements, 0);
  const places = batches.reduce((sum, { shape }) => sum + shape.numRows * shape.rowLength, 0);
  const documents = batches.reduce((sum, { numDocuments }) => sum + numDocuments, 0);
  return { elements, documents, fill: elements / places };
}

function flatMetrics({ step: _, parts, applied, ...numbers }: StepMetrics): Record<string, number> {
  const named = Object.entries(parts).map(([name, value]) => [`loss/${name}`, value] as const);
  return { ...numbers, applied: Number(applied), ...Object.fromEntries(named) };
}

function notFinite(step: number, count: number, last: StoredCheckpoint | undefined): TransfusionError {
  const kept = last === undefined ? 'No checkpoint was written yet' : `The last checkpoint is ${last.path}`;
  return new TransfusionError(
    'training-failed',
    `Step ${step}: the loss or its gradient was not finite ${count} times in a row. ${kept}. ` +
      'Lower the learning rate, or look at the data.',
  );
}
