import type { BatchCursor } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import type { LrSchedule, Optimizer, Params } from '@transfusion/nn';
import type { StepMetrics } from './step-metrics.js';
import type { TrainableModel } from './trainable-model.js';

/** A batch as it comes from the data, and where the data goes on behind it: plain data, for checkpoints. */
export interface TrainingBatchEntry<Arrays> {
  readonly batch: Arrays;
  readonly next: BatchCursor;
}

/** All that makes a run. */
export interface TrainOptions<
  P extends Params = Params,
  Arrays = unknown,
  Batch extends object = object,
  OptimizerState extends Params = Params,
> {
  readonly model: TrainableModel<P, Arrays, Batch>;
  readonly optimizer: Optimizer<OptimizerState>;
  readonly lrSchedule: LrSchedule;
  /** Steps in all, those of earlier runs in the directory included. */
  readonly totalSteps: number;
  /**
   * Batches from a place in the data on; from its beginning if there is none. `stepsDone` is for data that depend on
   * the step.
   */
  readonly batches: (
    from: BatchCursor | undefined,
    stepsDone: number,
  ) => AsyncIterable<TrainingBatchEntry<Arrays>>;
  /** Decides the starting parameters, unless there are others. */
  readonly seed: number;
  /**
   * Makes the starting parameters of a run that begins, to train on from those of another; the run takes
   * them over. Fresh ones by default.
   */
  readonly initialParams?: () => Promise<P> | P;
  /** Where checkpoints and logs go; a run that is there already is continued. */
  readonly directory: string;
  /** Batches whose gradients are added up for a step; 1 by default. */
  readonly microBatches?: number;
  /** Largest norm of the gradient; 1 by default. */
  readonly clipNorm?: number;
  /** Decay of the EMA of the parameters; 0.999 by default. */
  readonly emaDecay?: number;
  /** Steps between checkpoints; 500 by default. There is one at the end in any case. */
  readonly checkpointEvery?: number;
  /** How many checkpoints stay; 3 by default. */
  readonly keepCheckpoints?: number;
  /** Stops when so many steps in a row were skipped because something was not finite; 10 by default. */
  readonly maxSkippedInARow?: number;
  /** What the checkpoint says about the model; JSON. A run is only continued if it says the same. */
  readonly description?: unknown;
  /** Changes parameters between steps by other means than gradients. */
  readonly revision?: Revision<P>;
  /** Called in this order. */
  readonly callbacks?: readonly TrainCallback<P>[];
  /** Called after each step. */
  onStep?(metrics: StepMetrics): void;
  /** When aborted, the step under way is finished and saved. */
  readonly signal?: AbortSignal;
}

/**
 * A change of the parameters every so many steps, such as new entries for a codebook's unused ones. A checkpoint
 * that is due at the step holds what came of it.
 */
export interface Revision<P extends Params = Params> {
  readonly every: number;
  /**
   * Says how to change the parameters, which stay as they are meanwhile. What it gives makes of the parameters
   * new ones, unchanged tensors among them, and is called for their running mean, too. Resume is exact if it
   * depends on parameters and step alone.
   */
  run(params: P, step: number): Promise<(params: P) => P>;
}

/**
 * Something to do every so many steps, and at the end. A checkpoint that is due at the step is on the
 * disk by then, so that nothing is lost if a callback fails; after a resume it is not called again for
 * that step.
 */
export interface TrainCallback<P extends Params = Params> {
  readonly every: number;
  run(context: CallbackContext<P>): Promise<void>;
}

/** What a callback gets. */
export interface CallbackContext<P extends Params = Params> {
  /** Running mean of the parameters. They are gone after the callback. */
  readonly ema: P;
  readonly params: P;
  /** Steps done. */
  readonly step: number;
  readonly directory: string;
  /** Adds numbers to the logs at this step. */
  log(scalars: Readonly<Record<string, number>>): Promise<void>;
}

/** @throws TransfusionError `invalid-argument` for counts that are no counts */
export function checkTrainOptions(
  options: Pick<
    TrainOptions,
    'totalSteps' | 'microBatches' | 'checkpointEvery' | 'keepCheckpoints' | 'maxSkippedInARow'
  > & {
    readonly callbacks?: readonly { readonly every: number }[];
    readonly revision?: { readonly every: number };
  },
): void {
  const { totalSteps, microBatches, checkpointEvery, keepCheckpoints, maxSkippedInARow } = options;
  checkCount('totalSteps', totalSteps, 0);
  const counts = {
    'revision.every': options.revision?.every,
    microBatches,
    checkpointEvery,
    keepCheckpoints,
    maxSkippedInARow,
  };
  for (const [name, count] of Object.entries(counts)) checkCount(name, count ?? 1, 1);
  options.callbacks?.forEach(({ every }, i) => checkCount(`callbacks[${i}].every`, every, 1));
}

function checkCount(name: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new TransfusionError(
    'invalid-argument',
    `train: ${name} is ${count}, expected a whole number from ${least} on.`,
  );
}
