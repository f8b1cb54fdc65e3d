import { TransfusionError } from '@transfusion/errors';
import { type LrSchedule, type Optimizer, type Params } from '@transfusion/nn';
import type { DirectoryLock } from './directory-lock.js';
import type { StepMetrics } from './step-metrics.js';
import type { TrainableModel } from './trainable-model.js';

/** A batch, and the data cursor after it (JSON, for checkpoints). */
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
  /** Total number of steps, including those of earlier runs in the directory. */
  readonly totalSteps: number;
  /**
   * Opens the batches after a cursor, or from the beginning if it is undefined. `stepsDone` is for data that
   * depends on the step.
   */
  readonly batches: (
    cursor: Cursor | undefined,
    stepsDone: number,
  ) => AsyncIterable<TrainingBatchEntry<Arrays, Cursor>>;
  /** Random seed of the initial parameters, unless `initialParams` is set. */
  readonly seed: number;
  /**
   * Loads the initial parameters of a new run, such as for fine-tuning; the run takes ownership of them.
   * Defaults to random initialization.
   */
  readonly initialParams?: () => Promise<P> | P;
  /** Folder of checkpoints and logs; an existing run is resumed. */
  readonly directory: string;
  /** Lock of the directory that the caller holds; by default `train` locks it. */
  readonly lock?: DirectoryLock;
  /**
   * The checkpoint in the directory to resume from; defaults to the newest. Later ones are set aside: renamed
   * to `set-aside-…` and written again.
   */
  readonly resumeFrom?: string;
  /** Number of batches whose gradients are accumulated per step; defaults to 1. */
  readonly microBatches?: number;
  /** Global norm to which gradients are clipped; defaults to 1. */
  readonly clipNorm?: number;
  /**
   * Paths of parts whose parameters are not trained, such as `trunk` or `adapters.image`; defaults to none. They take no
   * optimizer state, and a run can only be resumed with the same ones.
   */
  readonly freeze?: readonly string[];
  /** Decay of the parameters' EMA; defaults to 0.999. */
  readonly emaDecay?: number;
  /** Number of steps between checkpoints; defaults to 500. The last step always has one. */
  readonly checkpointEvery?: number;
  /**
   * Number of checkpoints to keep; defaults to 3. Those written while steps were being skipped do not count;
   * only the newest of them is kept, until a good one follows.
   */
  readonly keepCheckpoints?: number;
  /** Maximum number of consecutive steps skipped for a non-finite loss or gradient; defaults to 10. */
  readonly maxSkippedInARow?: number;
  /** Description of the run for the checkpoint (JSON). A run can only be resumed with an equal one. */
  readonly description?: unknown;
  /** Updates parameters between steps other than by gradients. */
  readonly paramUpdate?: PeriodicParamUpdate<P>;
  /** Callbacks, called in this order. */
  readonly callbacks?: readonly TrainCallback<P>[];
  /** Called after each step. */
  onStep?(metrics: StepMetrics): void;
  /** Stops the run when aborted, after finishing and saving the current step. */
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
 * A callback that runs every `every` steps and at the end. A checkpoint of the same step is already on disk,
 * so nothing is lost if a callback fails; after a resume it is not called again for that step.
 */
export interface TrainCallback<P extends Params = Params> {
  readonly every: number;
  run(context: CallbackContext<P>): Promise<void>;
}

/** Arguments of a {@link TrainCallback}. */
export interface CallbackContext<P extends Params = Params> {
  /** EMA of the parameters. Freed after the callback, like `params`. */
  readonly ema: P;
  readonly params: P;
  /** Number of completed steps. */
  readonly step: number;
  readonly directory: string;
  /** Adds values to the logs at this step. */
  log(scalars: Readonly<Record<string, number>>): Promise<void>;
}

/**
 * Checks the counts among the options. @throws TransfusionError `invalid-argument` for the first invalid one
 */
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

function checkCount(name: string, count: number, min: 0 | 1): void {
  if (Number.isSafeInteger(count) && count >= min) return;
  throw new TransfusionError(
    'invalid-argument',
    `train: ${name} is ${count}, expected a ${min === 0 ? 'non-negative' : 'positive'} integer.`,
  );
}
