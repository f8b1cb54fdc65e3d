/** Runs a recipe: builds the model and the data that it describes, and trains. */
import type { Transfusion, TransfusionParams } from '@transfusion/core';
import { createDocumentStream, streamBatches, type BatchCursor, type StreamedBatch } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import {
  train,
  validationLoss,
  withDirectoryLock,
  type DirectoryLock,
  type TrainCallback,
  type TrainResult,
  type ValidationLoss,
} from '@transfusion/trainer';
import { createModel } from './create-model.js';
import type { OpenSources, Recipe } from './recipe.js';
import { loadModel } from './load-model.js';
import { modelDifference } from './stored-model-config.js';
import { stepsBefore, trainSettings, type RunSettings } from './run-settings.js';
import { writeSamples } from './write-samples.js';

/** Events of a run besides its steps. */
export type RunEvent =
  /** Progress of data preparation: `done` of `total` records of `what`. */
  | { readonly type: 'preparing'; readonly what: string; readonly done: number; readonly total: number }
  /** Training begins, after `step` steps of an earlier run. */
  | { readonly type: 'start'; readonly step: number; readonly model: Transfusion }
  /** The validation loss and its parts. */
  | { readonly type: 'evaluation'; readonly step: number; readonly losses: Readonly<Record<string, number>> }
  /** Samples were written: `path` with `.json`, and files of their values beside it. */
  | { readonly type: 'samples'; readonly step: number; readonly path: string };

/** Options of {@link runRecipe}. */
export interface RunOptions extends RunSettings {
  /**
   * The folder of a run, a checkpoint or an export whose EMA weights a new run starts from, to train on with other data
   * or another schedule. Its model must be the recipe's.
   */
  readonly initFrom?: string;
  /**
   * Ignores that codecs of `initFrom` differ from the recipe's, as where an autoencoder replaces another one whose
   * latents it follows; defaults to false.
   */
  readonly otherCodecs?: boolean;
  onEvent?(event: RunEvent): void;
}

/** Result of {@link runRecipe}. */
export interface RunResult extends TrainResult<TransfusionParams> {
  readonly model: Transfusion;
}

/**
 * Trains a recipe on the active engine (see `selectEngine`). With the same directory, a stopped run is resumed.
 *
 * @throws TransfusionError `mismatch` if the directory holds another run, `training-failed` if too many
 *   steps in a row were not finite or another process trains in the directory, and errors of the data's readers and of the samples' codecs; the signal's
 *   reason if that is aborted while data is prepared
 */
export function runRecipe(recipe: Recipe, options: RunOptions): Promise<RunResult> {
  // Before data is prepared, which may take long.
  return withDirectoryLock(options.directory, (lock) => runLocked(recipe, options, lock));
}

async function runLocked(recipe: Recipe, options: RunOptions, lock: DirectoryLock): Promise<RunResult> {
  const model = createModel(recipe);
  const batches = await openBatches(recipe, model, recipe.sources, options);
  const samples = await samplesCallback(recipe, model, options);
  const validation = await validationCallback(recipe, model, options);
  const callbacks = [validation, samples].filter((callback) => callback !== undefined);
  options.onEvent?.({ type: 'start', step: await stepsBefore(options), model });
  try {
    const result = await train({
      ...trainSettings(recipe, options),
      lock,
      model,
      batches,
      initialParams: initialParams(recipe, model, options),
      description: { recipe: recipe.name, seed: recipe.seed },
      callbacks,
    });
    return { ...result, model };
  } finally {
    validation?.dispose();
  }
}

/** Loads them only if the run is new. */
function initialParams(
  { name, modalities }: Recipe,
  model: Transfusion,
  { initFrom, otherCodecs = false }: RunOptions,
): (() => Promise<TransfusionParams>) | undefined {
  if (initFrom === undefined) return undefined;
  return async () => {
    const loaded = await loadModel(initFrom, modalities, { otherCodecs });
    const difference = modelDifference(loaded.model.config, model.config, otherCodecs);
    if (difference === undefined) return loaded.params;
    loaded.dispose();
    throw new TransfusionError(
      'mismatch',
      `${initFrom} holds another model than recipe '${name}': ${difference}. Start from a run of the same model.`,
    );
  };
}

type Batches = (from?: BatchCursor) => AsyncGenerator<StreamedBatch, never>;

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
  return (from) => streamBatches(stream, streamOptions, from);
}

async function validationCallback(
  recipe: Recipe,
  model: Transfusion,
  options: RunOptions,
): Promise<ValidationLoss<TransfusionParams> | undefined> {
  const { evaluation, validation } = recipe;
  if (evaluation === undefined || validation === undefined) return undefined;
  const batches = await openBatches(recipe, model, validation, {
    ...options,
    onSkip: options.onSkip && once(options.onSkip),
  });
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

/** Each evaluation reads the same records again; each of them is reported once. */
function once(onSkip: NonNullable<RunOptions['onSkip']>): RunOptions['onSkip'] {
  const reported = new Set<string>();
  return (record) => {
    const key = JSON.stringify([record.source, record.location]);
    if (reported.has(key)) return;
    reported.add(key);
    onSkip(record);
  };
}

async function samplesCallback(
  recipe: Recipe,
  model: Transfusion,
  { onEvent }: RunOptions,
): Promise<TrainCallback<TransfusionParams> | undefined> {
  if (recipe.samples === undefined) return undefined;
  return writeSamples(model, recipe.samples, (step, path) => onEvent?.({ type: 'samples', step, path }));
}
