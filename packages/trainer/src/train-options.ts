import { TransfusionError } from '@transfusion/errors';
import { type LrSchedule, type Optimizer, type Params } from '@transfusion/nn';
import type { DirectoryLock } from './directory-lock.js';
import type { StepMetrics } from './step-metrics.js';
import type { TrainableModel } from './trainable-model.js';

/** A batch, and the cursor of the data behind it: JSON, for checkpoints. */
export interface TrainingBatchEntry<Arrays, Cursor = unknown> {
  readonly batch: Arrays;
  readonly next: Cursor;
}

/** Options of {@link train}. */
export interface TrainOptions<
  P extends Params = Params,
  Arrays = unknown,
  Batch extends object = object,
  OptimizerState extends Params = Params,
  Cursor = unknown,
> {
  readonly model: TrainableModel<P, Arrays, Batch>;
  readonly optimizer: Optimizer<OptimizerState>;
  readonly lrSchedule: LrSchedule;
  /** Steps in all, those of earlier runs in the directory included. */
  readonly totalSteps: number;
  /**
   * Opens the batches behind a cursor; from the beginning if it is undefined. `stepsDone` is for data that depends on
   * the step.
   */
  readonly batches: (
    cursor: Cursor | undefined,
    stepsDone: number,
  ) => AsyncIterable<TrainingBatchEntry<Arrays, Cursor>>;
  /** Determines the initial parameters, unless `initialParams` does. */
  readonly seed: number;
  /**
   * Makes the initial parameters of a run that begins, to train on from those of another; the run takes them over.
   * Defaults to fresh ones.
   */
  readonly initialParams?: () => Promise<P> | P;
  /** Folder of checkpoints and logs; a run that is there already is resumed. */
  readonly directory: string;
  /** Lock of the directory that the caller holds; by default `train` locks it. */
  readonly lock?: DirectoryLock;
  /**
   * The checkpoint in the directory to resume from; defaults to the newest. Later ones are set aside: renamed to
   * `set-aside-…`, and written anew.
   */
  readonly resumeFrom?: string;
  /** Batches whose gradients are added up for a step; defaults to 1. */
  readonly microBatches?: number;
  /** Largest norm of the gradient; defaults to 1. */
  readonly clipNorm?: number;
  /** Decay of the parameters' EMA; defaults to 0.999. */
  readonly emaDecay?: number;
  /** Steps between checkpoints; defaults to 500. There is one at the end in any case. */
  readonly checkpointEvery?: number;
  /**
   * Number of checkpoints that stay; defaults to 3. Those written while steps were being skipped are not counted; only the
   * newest of them stays, until a good one follows.
   */
  readonly keepCheckpoints?: number;
  /** Stops when so many steps in a row were skipped because something was not finite; defaults to 10. */
  readonly maxSkippedInARow?: number;
  /** Notes about the run for the checkpoint; JSON. A run is only resumed with equal ones. */
  readonly description?: unknown;
  /** Updates parameters between steps by other means than gradients. */
  readonly paramUpdate?: PeriodicParamUpdate<P>;
  /** Called in this order. */
  readonly callbacks?: readonly TrainCallback<P>[];
  /** Called after each step. */
  onStep?(metrics: StepMetrics): void;
  /** Ends the run when aborted: the step under way is finished and saved. */
  readonly signal?: AbortSignal;
}

/**
 * An update of the parameters every `every` steps, such as new values for a codebook's unused entries. A checkpoint at
 * the same step has the updated parameters.
 */
export interface PeriodicParamUpdate<P extends Params = Params> {
  readonly every: number;
  /**
   * Returns a function from parameters to updated ones, which may share unchanged tensors; it is called for the EMA,
   * too. `params` must not be modified. A resumed run is exact if the update depends only on parameters and step.
   */
  run(params: P, step: number): Promise<(params: P) => P>;
}

/**
 * Something to do every so many steps, and at the end. A checkpoint that is due at the step is on the disk by then, so
 * that nothing is lost if a callback fails; after a resume it is not called again for that step.
 */
export interface TrainCallback<P extends Params = Params> {
  readonly every: number;
  run(context: CallbackContext<P>): Promise<void>;
}

/** Arguments of a {@link TrainCallback}. */
export interface CallbackContext<P extends Params = Params> {
  /** EMA of the parameters. Freed after the callback, as `params`. */
  readonly ema: P;
  readonly params: P;
  /** Steps done. */
  readonly step: number;
  readonly directory: string;
  /** Adds values to the logs at this step. */
  log(scalars: Readonly<Record<string, number>>): Promise<void>;
}

/** Checks the counts among the options. @throws TransfusionError `invalid-argument` for the first that is none */
export function checkTrainOptions(
  options: Pick<
    TrainOptions,
    'totalSteps' | 'microBatches' | 'checkpointEvery' | 'keepCheckpoints' | 'maxSkippedInARow'
  > & {
    readonly callbacks?: readonly { readonly every: number }[];
    readonly paramUpdate?: { readonly every: number };
  },
): void {
  const { totalSteps, microBatches, checkpointEvery, keepCheckpoints, maxSkippedInARow } = options;
  checkCount('totalSteps', totalSteps, 0);
  const counts = {
    'paramUpdate.every': options.paramUpdate?.every,
    microBatches,
    checkpointEvery,
    keepCheckpoints,
    maxSkippedInARow,
  };
  for (const [name, count] of Object.entries(counts)) checkCount(name, count ?? 1, 1);
  options.callbacks?.forEach(({ every }, i) => checkCount(`callbacks[${i}].every`, every, 1));
}

function checkCount(name: string, count: number, least: 0 | 1): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new TransfusionError(
    'invalid-argument',
    `train: ${name} is ${count}, expected a ${least === 0 ? 'non-negative' : 'positive'} integer.`,
  );
}
