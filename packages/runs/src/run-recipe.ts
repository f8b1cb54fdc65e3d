/** Runs a recipe: creates its model, opens its data, and trains. */
import type { Transfusion, TransfusionParams } from '@transfusion/core';
import { createDocumentStream, streamBatches, type BatchCursor, type StreamedBatch } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import type { Evaluation } from '@transfusion/evaluators';
import { disposeParams, zeroRng } from '@transfusion/nn';
import {
  train,
  trainedParams,
  validationLoss,
  withDirectoryLock,
  type DirectoryLock,
  type TrainCallback,
  type TrainResult,
  type ValidationLoss,
} from '@transfusion/trainer';
import { createModel } from './create-model.js';
import { evaluatorCallback } from './evaluate/evaluator-callback.js';
import { findStart, type RunStart, type StartOptions } from './find-start.js';
import { oncePerRecord } from './once-per-record.js';
import type { OpenSources, Recipe } from './recipe.js';
import { readStartStep, trainSettings, type RunSettings } from './run-settings.js';
import { writeSamples } from './write-samples.js';

/** An event of a run other than a step. */
export type RunEvent =
  /** Progress of data preparation: `done` of `total` records of `what`. */
  | { readonly type: 'preparing'; readonly what: string; readonly done: number; readonly total: number }
  /** Training starts; a resumed run has already completed `step` steps. */
  | { readonly type: 'start'; readonly step: number; readonly model: Transfusion }
  /** The validation loss and its parts. */
  | { readonly type: 'evaluation'; readonly step: number; readonly losses: Readonly<Record<string, number>> }
  /** An evaluator of the recipe has run; its results are in `evaluations/`. */
  | { readonly type: 'evaluator'; readonly step: number; readonly evaluation: Evaluation }
  /** Samples were written to `<path>.json`, and their values to files with the same prefix. */
  | { readonly type: 'samples'; readonly step: number; readonly path: string };

/** Options of {@link runRecipe}. */
export interface RunOptions extends RunSettings, StartOptions {
  onEvent?(event: RunEvent): void;
}

/** Result of {@link runRecipe}. */
export interface RunResult extends TrainResult<TransfusionParams> {
  readonly model: Transfusion;
}

/**
 * Trains a recipe on the active engine (see `selectEngine`). If `directory` already holds the run, resumes it. A new run
 * starts from the recipe's `init`, if it has one: the model may have fewer modalities and latent shapes than the recipe,
 * whose ids then follow its own.
 *
 * @throws TransfusionError `mismatch` if the directory holds a different run, or the recipe does not extend the model that
 *   it starts from, `not-found` for a path in `freeze` that no parameter has, `training-failed` after too many steps in a
 *   row with a non-finite loss or gradient or if another process trains in the directory, and errors of the data's
 *   readers and of the samples' codecs; the signal's reason if aborted while data is prepared
 */
export function runRecipe(recipe: Recipe, options: RunOptions): Promise<RunResult> {
  // Before data is prepared, which may take long.
  const onSkip = options.onSkip && oncePerRecord(options.onSkip);
  return withDirectoryLock(options.directory, (lock) => runLocked(recipe, { ...options, onSkip }, lock));
}

async function runLocked(recipe: Recipe, options: RunOptions, lock: DirectoryLock): Promise<RunResult> {
  const start = await findStart(recipe, options);
  const model = createStartedModel(recipe, start);
  const parts = recipe.lora === undefined ? recipe.freeze : ['trunk', ...recipe.freeze];
  const freeze = [...new Set(parts)].sort();
  checkFreeze(model, freeze);
  const evaluators = evaluatorCallbacks(recipe, model, options);
  const batches = await openBatches(recipe, model, recipe.sources, options);
  const samples = await samplesCallback(recipe, model, options);
  const validation = await validationCallback(recipe, model, options);
  const callbacks = [validation, samples, ...evaluators].filter((callback) => callback !== undefined);
  options.onEvent?.({ type: 'start', step: await readStartStep(options), model });
  try {
    const result = await train({
      ...trainSettings(recipe, options),
      lock,
      model,
      freeze,
      batches,
      initialParams: start.initialParams?.bind(undefined, model),
      description: {
        recipe: recipe.name,
        seed: recipe.seed,
        ...(freeze.length === 0 ? {} : { freeze }),
      },
      callbacks,
    });
    return { ...result, model };
  } finally {
    validation?.dispose();
  }
}

/** Creates the model; an error about the vocabulary names the checkpoint that it is from. */
function createStartedModel(recipe: Recipe, { vocabulary, source }: RunStart): Transfusion {
  try {
    return createModel(recipe, vocabulary);
  } catch (cause) {
    if (source === undefined || !TransfusionError.isInstance(cause)) throw cause;
    const message = `${source.path} holds a different model than recipe '${recipe.name}': ${cause.message} ${source.remedy}.`;
    throw new TransfusionError(cause.code, message, { cause });
  }
}

/** Checks the paths before data is prepared. */
function checkFreeze(model: Transfusion, freeze: readonly string[]): void {
  if (freeze.length === 0) return;
  const params = model.init(zeroRng);
  try {
    trainedParams(params, freeze);
  } finally {
    disposeParams(params);
  }
}

/** Streams batches, starting at a cursor. */
type Batches = (cursor?: BatchCursor) => AsyncGenerator<StreamedBatch, never>;

async function openBatches(
  { batch, captionNoiseLimit, strict, seed }: Recipe,
  model: Transfusion,
  sources: OpenSources,
  { onSkip, onEvent, signal }: RunOptions,
): Promise<Batches> {
  const onProgress = (what: string, done: number, total: number): void =>
    onEvent?.({ type: 'preparing', what, done, total });
  const stream = createDocumentStream(await sources({ onProgress, signal }), seed);
  const streamOptions = { model, shape: batch, captionNoiseLimit, strict, onSkip };
  return (cursor) => streamBatches(stream, streamOptions, cursor);
}

async function validationCallback(
  recipe: Recipe,
  model: Transfusion,
  options: RunOptions,
): Promise<ValidationLoss<TransfusionParams> | undefined> {
  const { evaluation, validation } = recipe;
  if (evaluation === undefined || validation === undefined) return undefined;
  const batches = await openBatches(recipe, model, validation, options);
  const { every, batches: numBatches } = evaluation;
  const callback = validationLoss({ model, every, batches: () => batches(), numBatches });
  return {
    ...callback,
    run: (context) =>
      callback.run({
        ...context,
        log: async (losses) => {
          await context.log(losses);
          options.onEvent?.({ type: 'evaluation', step: context.step, losses });
        },
      }),
  };
}

function evaluatorCallbacks(
  { name, evaluators }: Recipe,
  model: Transfusion,
  { onEvent, signal }: RunOptions,
): TrainCallback<TransfusionParams>[] {
  const onEvaluation = (step: number, evaluation: Evaluation): void =>
    onEvent?.({ type: 'evaluator', step, evaluation });
  return evaluators.map((evaluator) =>
    evaluatorCallback(model, evaluator, { subject: name, onEvaluation, signal }),
  );
}

async function samplesCallback(
  recipe: Recipe,
  model: Transfusion,
  { onEvent }: RunOptions,
): Promise<TrainCallback<TransfusionParams> | undefined> {
  if (recipe.samples === undefined) return undefined;
  return writeSamples(model, recipe.samples, (step, path) => onEvent?.({ type: 'samples', step, path }));
}
