/** Runs a recipe: makes all that it describes, and trains. */
import type { Transfusion, TransfusionParams } from '@transfusion/core';
import { createDocumentStream, streamBatches, type BatchCursor, type StreamedBatch } from '@transfusion/data';
import {
  train,
  validationLoss,
  type TrainCallback,
  type TrainResult,
  type ValidationLoss,
} from '@transfusion/trainer';
import { createModel } from './create-model.js';
import { describeRun } from './describe-run.js';
import type { OpenSources, Recipe } from './recipe.js';
import { loadModel } from './load-model.js';
import { stepsBefore, trainSettings, type RunSettings } from './run-settings.js';
import { writeSamples } from './write-samples.js';

/** What happens in a run besides its steps. */
export type RunEvent =
  /** Data is made ready: so many of the records of `what`. */
  | { readonly type: 'preparing'; readonly what: string; readonly done: number; readonly total: number }
  /** Training begins, after `step` steps of an earlier run. */
  | { readonly type: 'start'; readonly step: number; readonly model: Transfusion }
  /** The validation loss, and its parts. */
  | { readonly type: 'evaluation'; readonly step: number; readonly losses: Readonly<Record<string, number>> }
  /** Samples were written to `path` with the endings `.png` and `.json`. */
  | { readonly type: 'samples'; readonly step: number; readonly path: string };

/** Where and how a recipe is run. */
export interface RunOptions extends RunSettings {
  /**
   * A run's or a checkpoint's folder: a run that begins starts from the running mean of its parameters, to
   * train on with other data or another schedule. Its model must be the recipe's.
   */
  readonly from?: string;
  /**
   * Whether the codecs of `from` may differ from the recipe's, as where an autoencoder takes the place of one whose
   * latents it follows; false by default.
   */
  readonly otherCodecs?: boolean;
  onEvent?(event: RunEvent): void;
}

/** What is left of a run. */
export interface RunResult extends TrainResult<TransfusionParams> {
  readonly model: Transfusion;
}

/**
 * Trains as the recipe says, on the active engine (see `selectEngine`). With the same directory it goes
 * on where it stopped.
 *
 * @throws TransfusionError `mismatch` if the directory holds another run, `training-failed` if too many
 *   steps in a row were not finite, and what the data's readers and the samples' codecs throw; the signal's
 *   reason if that is aborted while data is prepared
 */
export async function runRecipe(recipe: Recipe, options: RunOptions): Promise<RunResult> {
  const model = createModel(recipe);
  const batches = await openBatches(recipe, model, recipe.sources, options);
  const samples = await samplesCallback(recipe, model, options);
  const validation = await validationCallback(recipe, model, options);
  const callbacks = [validation, samples].filter((callback) => callback !== undefined);
  options.onEvent?.({ type: 'start', step: await stepsBefore(options.directory), model });
  try {
    const result = await train({
      ...trainSettings(recipe, options),
      model,
      batches,
      initialParams: options.from === undefined ? undefined : initialParams(options.from, recipe, options),
      description: describeRun(recipe, model),
      callbacks,
    });
    return { ...result, model };
  } finally {
    validation?.dispose();
  }
}

/** Loads them only if the run begins. */
function initialParams(
  from: string,
  recipe: Recipe,
  { otherCodecs }: RunOptions,
): () => Promise<TransfusionParams> {
  return async () => (await loadModel(from, recipe, { otherCodecs })).params;
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
  const batches = await openBatches(recipe, model, validation, { ...options, onSkip: once(options.onSkip) });
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

/** Each evaluation reads the same records again; each of them is told of once. */
function once(onSkip: RunOptions['onSkip']): RunOptions['onSkip'] {
  const told = new Set<string>();
  return (record) => {
    const key = JSON.stringify([record.source, record.location]);
    if (told.has(key)) return;
    told.add(key);
    onSkip?.(record);
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
