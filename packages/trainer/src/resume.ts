import type { BatchCursor } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { disposeParams, type Params } from '@transfusion/nn';
import {
  listCheckpoints,
  readCheckpointInfo,
  readCheckpointTree,
  type CheckpointInfo,
  type StoredCheckpoint,
} from './checkpoint.js';
import { firstDifference } from './first-difference.js';
import type { TrainState } from './train-step.js';

/** Where a run begins. */
export interface Start<P extends Params, OptimizerState extends Params> {
  readonly state: TrainState<P, OptimizerState>;
  /** Steps done. */
  readonly done: number;
  readonly cursor: BatchCursor | undefined;
  readonly skippedInARow: number;
  /** The checkpoint that it was read from. */
  readonly checkpoint: StoredCheckpoint | undefined;
}

/**
 * The state of the newest checkpoint, or a fresh one if there is none.
 *
 * @throws TransfusionError `mismatch` for a run of another description, `invalid-file` for damaged files
 */
export async function startOrResume<P extends Params, OptimizerState extends Params>(
  checkpoints: string,
  description: unknown,
  make: {
    /** A state of the run's shapes, to be replaced by what is read. */
    readonly like: () => TrainState<P, OptimizerState>;
    /** The state of a run that begins. */
    readonly fresh: () => Promise<TrainState<P, OptimizerState>> | TrainState<P, OptimizerState>;
  },
): Promise<Start<P, OptimizerState>> {
  const checkpoint = (await listCheckpoints(checkpoints)).at(-1);
  if (checkpoint === undefined) {
    return { state: await make.fresh(), done: 0, cursor: undefined, skippedInARow: 0, checkpoint };
  }
  const info = await readCheckpointInfo(checkpoint.path);
  checkDescription(checkpoint.path, info, description);
  const { step, cursor, skippedInARow } = info;
  const state = await readState(checkpoint.path, make.like());
  return { state, done: step, cursor: cursor as BatchCursor | undefined, skippedInARow, checkpoint };
}

/** Reads tree by tree and frees what it replaces, so that no more than one is in memory twice. */
async function readState<P extends Params, OptimizerState extends Params>(
  path: string,
  like: TrainState<P, OptimizerState>,
): Promise<TrainState<P, OptimizerState>> {
  const trees: Params[] = [like];
  const replace = async <Tree extends Params>(file: string, tree: Tree): Promise<Tree> => {
    const read = await readCheckpointTree(path, file, tree);
    trees.push(read);
    disposeParams(tree);
    return read;
  };
  try {
    return {
      params: await replace('model', like.params),
      ema: await replace('ema', like.ema),
      optimizer: await replace('optimizer', like.optimizer),
    };
  } catch (error) {
    trees.forEach(disposeParams);
    throw error;
  }
}

function checkDescription(path: string, info: CheckpointInfo, description: unknown): void {
  const difference = firstDifference(
    info.description,
    JSON.parse(JSON.stringify(description)),
    'description',
  );
  if (difference === undefined) return;
  throw new TransfusionError(
    'mismatch',
    `${path} belongs to a run with another configuration: ${difference}. ` +
      'Train into another directory, or delete this one.',
  );
}
