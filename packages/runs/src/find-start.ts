/** The start of a run: the checkpoint that it resumes, or the trained model that a new run starts from. */
import type { ModelConfig, Transfusion, TransfusionParams } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import type { VocabularyEntry } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { openCheckpoint } from '@transfusion/trainer';
import { checkExtension } from './extend-model.js';
import { findCheckpoint } from './find-checkpoint.js';
import { readParams } from './read-params.js';
import type { Recipe } from './recipe.js';
import type { RunSettings } from './run-settings.js';
import { storedModelConfig } from './stored-model-config.js';

/** Options that determine the start of a run. */
export interface StartOptions extends Pick<RunSettings, 'directory' | 'resumeFrom'> {
  /** Folder of a trained model to start from, in place of the recipe's `init.from`. */
  readonly initFrom?: string;
  /**
   * Accepts codecs of the trained model that differ from the recipe's, such as an autoencoder that was replaced by one
   * trained to match its latents; defaults to the recipe's `init.otherCodecs`.
   */
  readonly otherCodecs?: boolean;
}

/** The start of a run. */
export interface RunStart {
  /** Ids that come first in the vocabulary; none for a model from scratch. */
  readonly vocabulary: readonly VocabularyEntry[];
  /** The checkpoint that the vocabulary is from, and what to do if the recipe does not fit; absent for a model from scratch. */
  readonly source?: { readonly path: string; readonly remedy: string };
  /** Loads the weights of a new run, unless they are random. */
  readonly initialParams?: (model: Transfusion) => Promise<TransfusionParams>;
}

/**
 * Finds the start of a run.
 *
 * @throws TransfusionError `not-found` if there is no model to start from, `invalid-argument` if low-rank updates have none
 */
export async function findStart(recipe: Recipe, options: StartOptions): Promise<RunStart> {
  const own = await findRun(options);
  if (own !== undefined) return own;
  const { init, lora, name, seed } = recipe;
  const { initFrom: from = init?.from, otherCodecs = init?.otherCodecs ?? false } = options;
  if (from === undefined) {
    if (lora === undefined) return { vocabulary: [] };
    throw new TransfusionError(
      'invalid-argument',
      `recipe '${name}': lora is set, but not init.from, expected a trained model whose trunk is updated. Set init: { from }.`,
    );
  }
  const { path, config } = await openConfig(from);
  return {
    vocabulary: config.vocabulary,
    source: { path, remedy: 'Start from a model with the same modalities, or fewer' },
    initialParams: async (model) => {
      checkExtension(path, config, model, otherCodecs);
      return readParams(await openCheckpoint(path), config, model, createRng(seed).fork('parameters'));
    },
  };
}

/** Returns the start of the run in the directory, whose ids may have the order of an earlier model; undefined for a new run. */
async function findRun({ directory, resumeFrom }: StartOptions): Promise<RunStart | undefined> {
  try {
    const { path, config } = await openConfig(resumeFrom ?? directory);
    return {
      vocabulary: config.vocabulary,
      source: { path, remedy: 'Use another directory, or delete this one' },
    };
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    const isNew = error.code === 'not-found' && resumeFrom === undefined;
    // The run is damaged, or has no such checkpoint: `train` reports it, with those that there are.
    return isNew ? undefined : { vocabulary: [] };
  }
}

async function openConfig(folder: string): Promise<{ readonly path: string; readonly config: ModelConfig }> {
  const checkpoint = await openCheckpoint(await findCheckpoint(folder));
  return { path: checkpoint.path, config: storedModelConfig(checkpoint) };
}
