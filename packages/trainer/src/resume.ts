import { resolve } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { disposeParams, type Params } from '@transfusion/nn';
import { listCheckpoints, setAsideCheckpoint, type StoredCheckpoint } from './checkpoint.js';
import { firstDifference } from './first-difference.js';
import { openCheckpoint, type Checkpoint } from './open-checkpoint.js';
import type { TrainState } from './train-step.js';

/** The state from which a run starts or resumes. */
export interface Start<P extends Params, OptimizerState extends Params, Cursor> {
  readonly state: TrainState<P, OptimizerState>;
  /** Number of completed steps. */
  readonly done: number;
  readonly cursor: Cursor | undefined;
  readonly skippedInARow: number;
  /** The checkpoint it was read from. */
  readonly checkpoint: StoredCheckpoint | undefined;
}

/** The run to start or resume. */
export interface RunIdentity {
  /** The model's `config`. */
  readonly model: unknown;
  readonly description: unknown;
  /** The checkpoint to resume from; the newest if undefined. */
  readonly resumeFrom: string | undefined;
}

/**
 * Reads the state of a checkpoint, or initializes one if there is none. Checkpoints after `resumeFrom` are
 * set aside.
 *
 * @throws TransfusionError `mismatch` for a run with a different model or description, `invalid-file` for
 *   damaged files, `not-found` if `resumeFrom` is not one of the run's checkpoints
 */
export async function startOrResume<P extends Params, OptimizerState extends Params, Cursor>(
  checkpoints: string,
  run: RunIdentity,
  make: {
    /** Creates a state of the run's shapes, to be replaced by the stored one. */
    readonly like: () => TrainState<P, OptimizerState>;
    /** Creates the state of a new run. */
    readonly fresh: () => Promise<TrainState<P, OptimizerState>> | TrainState<P, OptimizerState>;
  },
): Promise<Start<P, OptimizerState, Cursor>> {
  const stored = await listCheckpoints(checkpoints);
  const index = indexToResume(stored, run.resumeFrom, checkpoints);
  if (index < 0) {
    const state = await make.fresh();
    return { state, done: 0, cursor: undefined, skippedInARow: 0, checkpoint: undefined };
  }
  try {
    const checkpoint = await openCheckpoint(stored[index].path);
    checkIdentity(checkpoint, run);
    for (const asset of checkpoint.assets) await checkpoint.readAsset(asset);
    if (index < stored.length - 1) {
      await checkpoint.verify();
      // Newest first: if the process is killed, no checkpoint remains that is newer than one set aside.
      for (const later of stored.slice(index + 1).toReversed()) await setAsideCheckpoint(checkpoints, later);
    }
    const { step, cursor, skippedInARow } = checkpoint;
    const state = await readState(checkpoint, make.like());
    return {
      state,
      done: step,
      cursor: (cursor as Cursor) ?? undefined,
      skippedInARow,
      checkpoint: stored[index],
    };
  } catch (error) {
    throw await withRemedy(error, stored.slice(0, index));
  }
}

function indexToResume(
  stored: readonly StoredCheckpoint[],
  resumeFrom: string | undefined,
  checkpoints: string,
): number {
  if (resumeFrom === undefined) return stored.length - 1;
  const index = stored.findIndex(({ path }) => resolve(path) === resolve(resumeFrom));
  if (index >= 0) return index;
  const paths = stored.map(({ path }) => path).join(', ');
  throw new TransfusionError(
    'not-found',
    `train: resumeFrom is ${resumeFrom}, expected a checkpoint in ${checkpoints}: ${paths || 'there is none'}.`,
  );
}

/** Adds to the error for a damaged checkpoint the one that can be resumed from instead. */
async function withRemedy(error: unknown, earlier: readonly StoredCheckpoint[]): Promise<unknown> {
  if (!TransfusionError.isInstance(error) || error.code !== 'invalid-file') return error;
  const intact = await newestIntact(earlier);
  const remedy =
    intact === undefined
      ? 'No earlier checkpoint of the run is intact: start again in another directory.'
      : `The newest intact checkpoint before it is ${intact.path}: to continue from there, set resumeFrom to it ` +
        '(--resume-from on the command line); later checkpoints are then set aside, not deleted.';
  return new TransfusionError('invalid-file', `${error.message} ${remedy}`, { cause: error });
}

async function newestIntact(stored: readonly StoredCheckpoint[]): Promise<StoredCheckpoint | undefined> {
  for (const candidate of stored.toReversed()) {
    try {
      await (await openCheckpoint(candidate.path)).verify();
      return candidate;
    } catch {
      // Also damaged.
    }
  }
  return undefined;
}

/** Reads tree by tree and frees the replaced ones, so that at most one tree is in memory twice. */
async function readState<P extends Params, OptimizerState extends Params>(
  checkpoint: Checkpoint,
  like: TrainState<P, OptimizerState>,
): Promise<TrainState<P, OptimizerState>> {
  const trees: Params[] = [like];
  const replace = async <Tree extends Params>(file: string, tree: Tree): Promise<Tree> => {
    const read = await checkpoint.readTree(file, tree);
    trees.push(read);
    disposeParams(tree);
    return read;
  };
  try {
    return {
      params: await replace('model', like.params),
      ema: await replace('ema', like.ema),
      optimizerState: await replace('optimizer', like.optimizerState),
    };
  } catch (error) {
    trees.forEach(disposeParams);
    throw error;
  }
}

function checkIdentity(checkpoint: Checkpoint, { model, description }: RunIdentity): void {
  const difference =
    firstDifference(checkpoint.model, toJson(model), 'model') ??
    firstDifference(checkpoint.description, toJson(description), 'description');
  if (difference === undefined) return;
  throw new TransfusionError(
    'mismatch',
    `${checkpoint.path} belongs to a run with a different configuration: ${difference}. ` +
      'Use another directory, or delete this one.',
  );
}

/** Converts a value to its form after a round trip through `checkpoint.json`. */
function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
